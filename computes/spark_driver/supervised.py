"""The supervisor as a child process of the driver: it runs the script and records how that ended."""

import json
import os
import signal
import subprocess
import sys

from ..supervisor import BOOT
from ..supervisor.files import read_exit, read_json, write_cancel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

    from .local_files import LocalFiles

LOST = "the supervisor was ended before the script, so the exit code is not known"


class Supervised:
    """One run of the script. It dies with us, and so does what it runs."""

    def __init__(self, files: "LocalFiles", spec: "Dict[str, Any]", secrets: "Dict[str, str]") -> None:
        self.files = files
        for name, value in (("spec.json", spec), ("secrets.json", secrets)):
            descriptor = os.open(files.file(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file:
                file.write(json.dumps(value).encode("ascii"))
        code = os.path.join(files.program, "amlweb")
        bound = [sys.executable, "-I", "-S", os.path.join(code, "spark_driver", "bound.py")]
        argv = [sys.executable, "-I", "-S", "-c", BOOT, code, "run", files.run_folder]
        self.process = subprocess.Popen(bound + argv, stdin=subprocess.DEVNULL)
        self.grace_seconds = float(spec["grace_seconds"])
        self.is_cancelled = False

    def has_ended(self) -> bool:
        """Whether the supervisor is gone, and all that it ran with it."""
        return self.process.poll() is not None

    def cancel(self, data: bytes) -> None:
        """Ask for the end in the grace that a cancel names; without a readable one in the run's own."""
        if self.is_cancelled:
            return
        try:
            grace = float(json.loads(data.decode("ascii"))["grace_seconds"])
        except (ValueError, LookupError, TypeError):
            grace = self.grace_seconds
        self.is_cancelled = write_cancel(self.files.run_folder, grace)

    def end_from_outside(self) -> None:
        """Pass on that somebody ends this driver: the script gets a short grace, and no exit code of ours."""
        if not self.has_ended():
            self.process.send_signal(signal.SIGTERM)

    def record(self) -> "Dict[str, Any]":
        """Return the exit record, with the supervisor's words; without a code where it left none."""
        record = read_exit(self.files.run_folder)
        if record is not None:
            return record
        answer = read_json(self.files.file("launch.json")) or {}
        if answer.get("answer") == "failed":
            stage, number = answer.get("stage"), int(answer.get("errno", 0))
            self.files.note("the script could not be started (%s): %s" % (stage, os.strerror(number)))
        else:
            self.files.note(LOST)
        return {
            "code": None,
            "signal": None,
            "ended_by": "cancel" if self.is_cancelled else "",
            "out_of_memory": False,
            "duration_seconds": 0.0,
            "steps": [],
        }
