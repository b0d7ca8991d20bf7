"""Which application and which attempt this driver is, by what YARN gives to each of its containers."""

import os
import re
import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Tuple

CONTAINER = re.compile(r"container_(?:e\d+_)?(\d+)_(\d+)_(\d+)_\d+")


def application_and_attempt(environment: "Mapping[str, str]") -> "Tuple[str, int]":
    """Return the application's id and the attempt's number; an empty id and 1 outside of YARN."""
    found = CONTAINER.fullmatch(environment.get("CONTAINER_ID", ""))
    if found is None:
        return "", 1
    return "application_%s_%s" % (found.group(1), found.group(2)), int(found.group(3))


def claim_of(application: str, attempt: int) -> "Dict[str, Any]":
    """Return what a driver writes when it begins."""
    return {
        "application": application,
        "attempt": attempt,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "python": sys.executable,
        "version": "%d.%d.%d" % sys.version_info[:3],
    }


def may_take_over(earlier: "Dict[str, Any]", application: str, attempt: int, most_attempts: int) -> bool:
    """Whether this driver may go on where an earlier one has begun: the same application's next attempt, if the user
    has asked for more than one. Any other is a second start of the same run, and runs nothing."""
    return (
        bool(application)
        and earlier.get("application") == application
        and int(earlier.get("attempt", 0)) < attempt <= most_attempts
    )
