"""Running a program of this machine while its lines are read."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

from computes.errors import TargetUnreachable
from computes.machines.os_errors import explain

CHUNK = 1 << 16
LONGEST_LINE = 1 << 20


def run_lines(
    argv: Sequence[str], environment: Mapping[str, str], on_line: Callable[[str], None], deadline_seconds: float
) -> int:
    """Run a program to its end and hand over each line of both its streams. Returns its exit code.

    What `on_line` raises ends the program with its process group and is passed on. Raises TargetUnreachable at the
    deadline.
    """
    try:
        process = subprocess.Popen(
            list(argv),
            env=dict(environment),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise explain(error, f"run {argv[0]}") from error
    try:
        _relay(process, on_line, time.monotonic() + deadline_seconds, argv[0])
        return process.wait()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _relay(process: subprocess.Popen[bytes], on_line: Callable[[str], None], deadline: float, name: str) -> None:
    stream = process.stdout
    if stream is None:
        raise RuntimeError("the program has no pipe")
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TargetUnreachable(f"{name} did not end in time.", "Look at the target: it may be overloaded.")
            if not selector.select(left):
                continue
            data = os.read(stream.fileno(), CHUNK)
            *lines, rest = (rest + data).split(b"\n")
            if rest and (not data or len(rest) > LONGEST_LINE):
                lines, rest = [*lines, rest], b""
            for line in lines:
                on_line(line.decode(errors="replace"))
            if not data:
                return
