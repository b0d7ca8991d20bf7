"""The two files of the run folder that the watcher writes to."""

import json
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = "application.json"


def write_record(folder: str, facts: "dict[str, Any]") -> None:
    """Replace application.json. Raises OSError."""
    path = os.path.join(folder, NAME)
    temporary = "%s.%d.tmp" % (path, os.getpid())
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(json.dumps(facts).encode("ascii"))
        os.rename(temporary, path)
    except OSError:
        if os.path.lexists(temporary):
            os.unlink(temporary)
        raise


def note(folder: str, text: str) -> None:
    """Add a line to the run's system log, time in UTC. A full disk loses the line, never the run."""
    now = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
    try:
        descriptor = os.open(os.path.join(folder, "system.log"), os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        with open(descriptor, "ab", buffering=0) as file:
            file.write(("%s.%03dZ %s\n" % (stamp, int(now % 1 * 1000), text)).encode("utf-8", "replace"))
    except OSError:
        return
