"""The driver program's command line: one run, from the shared storage and back to it."""

import os
import signal
import subprocess
import sys
import time

from .beginning import (
    NotToBeRun,
    Unusable,
    Unwanted,
    claim,
    secrets_in,
    specification_in,
    supervisor_spec,
    unpack_code,
)
from .courier import ROUND_SECONDS, TICK_SECONDS, Courier
from .local_files import LocalFiles
from .storage import storage_for
from .supervised import Supervised

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List

REFUSED = 75
UNKNOWN = 70
DESCRIBING_SECONDS = 20
NEVER_BEGAN: "Dict[str, Any]" = {
    "code": None,
    "signal": None,
    "ended_by": "",
    "out_of_memory": False,
    "duration_seconds": 0.0,
    "steps": [],
}


def main(arguments: "List[str]", program_file: str) -> int:
    """Run the script of a run and return its exit code. 64: wrong command line, 75: the run is not to be run here, 70:
    how the script ended could not be found out or not be recorded."""
    if len(arguments) != 1 or "/runs/" not in arguments[0]:
        sys.stderr.write("usage: driver.py RUN_URI\n")
        return 64
    root, name = arguments[0].rstrip("/").rsplit("/runs/", 1)
    parent = os.getppid()
    files = LocalFiles(name)
    try:
        return run(root, name, files, program_file, parent)
    except (NotToBeRun, OSError) as error:
        sys.stderr.write("amlweb: %s\n" % error)
        return REFUSED
    finally:
        files.remove()


def run(root: str, name: str, files: LocalFiles, program_file: str, parent: int) -> int:
    """Do it in a folder of our own. It ends with its parent, Spark's own process.

    Raises NotToBeRun, and OSError while the script has not begun.
    """
    folder = "runs/%s" % name
    storage = storage_for(root, files.scratch)
    spec = specification_in(storage, folder)
    storage = storage_for(root, files.scratch, int(spec["file_mode"]))
    try:
        attempt = claim(storage, folder, "ended/%s" % name, int(spec["most_attempts"]))
        files.note("attempt %d of the driver has begun" % attempt)
        files.unpack_program(program_file)
        secrets = secrets_in(storage, folder)
        courier = Courier(storage, folder, files, spec, secrets)
        courier.beat()
        unpack_code(storage, folder, spec, files.run_folder)
        supervised = Supervised(files, supervisor_spec(spec, files.run_folder, files.program), secrets)
    except Unwanted as error:
        files.note(str(error))
        return end(Courier(storage, folder, files, spec, {}), dict(NEVER_BEGAN, ended_by="cancel"), b"")
    except Unusable as error:
        files.note(str(error))
        return end(courier, dict(NEVER_BEGAN, failure=str(error)), b"")
    announce("the script's log goes to %s/%s" % (root, folder))
    courier.progress.begin()
    follow(supervised, courier, files, parent)
    courier.progress.end()
    return end(courier, supervised.record(), description(spec, files))


def announce(text: str) -> None:
    """Print a line for whoever reads the driver's own output; Spark may not read it any more."""
    try:
        print("amlweb: %s" % text, flush=True)
    except OSError:
        return


def follow(supervised: Supervised, courier: Courier, files: LocalFiles, parent: int) -> None:
    """Carry what the script writes until it has ended. It ends with Spark's own process, and when we are told to."""
    heard: "List[int]" = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, frame: heard.append(number))
    is_ending = False
    due = 0.0
    while not supervised.has_ended():
        if not is_ending and (heard or os.getppid() != parent):
            is_ending = True
            files.note("signal %d ends the driver" % heard[0] if heard else "Spark's own process has ended")
            supervised.end_from_outside()
        now = time.monotonic()
        if now >= due:
            courier.round(supervised.cancel)
            due = time.monotonic() + ROUND_SECONDS
        time.sleep(TICK_SECONDS)


def description(spec: "Dict[str, Any]", files: LocalFiles) -> bytes:
    """Return what the interpreter says of itself and its packages, by the server's own question; empty if nothing."""
    environment = dict(os.environ)
    environment.update(spec["environment"])
    argv = [sys.executable, "-c", spec["question"]]
    try:
        return subprocess.check_output(
            argv, env=environment, stdin=subprocess.DEVNULL, cwd=files.scratch, timeout=DESCRIBING_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        files.note("the interpreter could not be asked for its packages: %s" % error)
        return b""


def end(courier: Courier, record: "Dict[str, Any]", environment: bytes) -> int:
    """Carry the rest to the storage; return the exit code that Spark and its cluster are to see."""
    is_recorded = courier.finish(record, environment)
    code = record["code"]
    if not is_recorded:
        sys.stderr.write("amlweb: the shared storage did not take the exit record: %s\n" % courier.said)
        return UNKNOWN
    if code is None:
        return REFUSED if record["ended_by"] == "cancel" else UNKNOWN
    return int(code)
