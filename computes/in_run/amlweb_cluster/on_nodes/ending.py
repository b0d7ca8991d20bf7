"""Ending as the script has ended: with its exit code, or by its signal; else with YARN's word."""

import json
import os
import resource
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

UNKNOWN = 70
NOT_STARTED = 71
WITHOUT_OUTPUTS = 74
LIMITS = {
    "log_limit": "the script's log has reached its limit on the node",
    "disk_full": "the disk of the driver's node ran full",
}


def say(text: str) -> None:
    """Add a line to the run's log, behind what the script has written."""
    sys.stderr.write("amlweb: %s\n" % text)
    sys.stderr.flush()


def end_by_record(record: "dict[str, Any]") -> "tuple[int, int | None]":
    """Return (exit code, signal) of a driver's record, after a word on what is neither."""
    if record.get("failure"):
        say("the driver could not begin the script: %s" % record["failure"])
    if record.get("ended_by") in LIMITS:
        say(LIMITS[record["ended_by"]])
        return UNKNOWN, None
    if record.get("out_of_memory"):
        say("the kernel of the driver's node ended the script: out of memory")
    if record.get("signal"):
        return 128 + int(record["signal"]), int(record["signal"])
    return (UNKNOWN if record.get("code") is None else int(record["code"])), None


def end_without_record(word: "dict[str, str]", application: str) -> "tuple[int, int | None]":
    """Return (exit code, signal) where only YARN knows how the application has ended."""
    state, final, why = word["state"], word["final"], word["diagnostics"]
    reason = " Its reason: %s" % why if why else ""
    if not state:
        say("YARN does not know %s any more, so it is not known how the script ended." % application)
    elif "KILLED" in (state, final):
        say("YARN says that %s was killed.%s" % (application, reason))
        return 128 + signal.SIGKILL, signal.SIGKILL
    elif final == "SUCCEEDED":
        say("the driver ended without a record of the script's exit code, and YARN says SUCCEEDED.")
    else:
        say("YARN ended %s: %s.%s" % (application, final if state == "FINISHED" else state, reason))
        return 1, None
    return UNKNOWN, None


def write_end(path: str, end: "tuple[int, int | None]", seconds: float) -> None:
    """Write how the run ends, in the form of an exit record: whoever is killed behind this, it is known. A disk that
    takes nothing more loses it."""
    code, number = end
    record = {"code": code, "signal": number, "ended_by": "", "out_of_memory": False, "duration_seconds": seconds}
    try:
        with open(path + ".tmp", "wb") as file:
            file.write(json.dumps(dict(record, log_bytes=None, log_crc32=None, steps=[])).encode("ascii"))
        os.replace(path + ".tmp", path)
    except OSError as error:
        say("how the run ends could not be written down: %s" % error)


def die_by(number: int) -> None:
    """End by a signal, so that the supervisor records the same; a signal that does not end us is let be."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.flush()
    sys.stderr.flush()
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
