"""Ending as the script has ended: with its exit code, or by its signal; else with YARN's word."""

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


def leave_as(record: "dict[str, Any]") -> int:
    """Return the exit code of a driver's record, or die by its signal, after a word on what is neither."""
    if record.get("failure"):
        say("the driver could not begin the script: %s" % record["failure"])
    if record.get("ended_by") in LIMITS:
        say(LIMITS[record["ended_by"]])
        return UNKNOWN
    if record.get("out_of_memory"):
        say("the kernel of the driver's node ended the script: out of memory")
    if record.get("signal"):
        die_by(int(record["signal"]))
    return UNKNOWN if record.get("code") is None else int(record["code"])


def leave_without_record(word: "dict[str, str]", application: str) -> int:
    """Return the exit code where only YARN knows how the application has ended."""
    state, final, why = word["state"], word["final"], word["diagnostics"]
    reason = " Its reason: %s" % why if why else ""
    if not state:
        say("YARN does not know %s any more, so it is not known how the script ended." % application)
    elif "KILLED" in (state, final):
        say("YARN says that %s was killed.%s" % (application, reason))
        die_by(signal.SIGKILL)
    elif final == "SUCCEEDED":
        say("the driver ended without a record of the script's exit code, and YARN says SUCCEEDED.")
    else:
        say("YARN ended %s: %s.%s" % (application, final if state == "FINISHED" else state, reason))
        return 1
    return UNKNOWN


def die_by(number: int) -> None:
    """End by a signal, so that the supervisor records the same; a signal that does not end us is let be."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.flush()
    sys.stderr.flush()
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
