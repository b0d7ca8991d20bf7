"""spark-submit as a child: its words go to the run's log, and it says under which id YARN has taken the application."""

import os
import select
import signal
import subprocess
import time

from ..log_signs import HEAD_BYTES, SUBMITTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Mapping, Sequence

LOG_DESCRIPTOR = 1
SLICE_SECONDS = 0.2
END_SECONDS = 3.0


def submit(argv: "Sequence[str]", environment: "Mapping[str, str]", heard: "list[int]") -> "tuple[int, str]":
    """Return (exit code, application's id); the id is empty where it was not said. Raises OSError.

    A signal ends it; it may have handed the application over by then.
    """
    process = subprocess.Popen(
        list(argv),
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = b""
    kill_at = None
    while True:
        if select.select([process.stdout], [], [], SLICE_SECONDS)[0]:
            data = os.read(process.stdout.fileno(), 1 << 16)
            os.write(LOG_DESCRIPTOR, data)
            said = (said + data)[:HEAD_BYTES]
            if not data:
                break
        elif process.poll() is not None:
            break
        if heard and kill_at is None:
            kill_at = time.monotonic() + END_SECONDS
            signal_all(process.pid, signal.SIGTERM)
        if kill_at is not None and time.monotonic() >= kill_at:
            break
    if heard:
        signal_all(process.pid, signal.SIGKILL)
    code = process.wait()
    process.stdout.close()
    found = SUBMITTED.search(said)
    return code if code >= 0 else 128 - code, found.group(1).decode() if found else ""


def signal_all(group: int, number: int) -> None:
    """Send a signal to spark-submit and what it started; one that is gone needs none."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return
