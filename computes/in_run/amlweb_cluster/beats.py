"""Signs of life that a driver on a node leaves in the storage: `beat-NUMBER`, with its progress in the name.

A name costs who looks nothing more than the list that he asks for anyway; the `hdfs` command takes seconds to read a
file. Behind the number stand stages done, stages, tasks done, tasks, and a `w` while the cluster gives no executor.
Whoever wrote the name, it says no more than numbers.
"""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Mapping, Optional

COUNTS = ("stages_done", "stages", "tasks_done", "tasks")
WAITS = "has_no_executor"
LARGEST = 999999999
BEAT = re.compile(r"beat-([0-9]{8})(?:-([0-9]{1,9})-([0-9]{1,9})-([0-9]{1,9})-([0-9]{1,9})(w?))?")


def beat_name(number: int, progress: "Optional[Mapping[str, Any]]" = None) -> str:
    """Return the name of a sign of life; `progress` is what `driver_pages` says, None while nothing is known."""
    name = "beat-%08d" % number
    if progress is None:
        return name
    counts = ["%d" % min(max(int(progress[count]), 0), LARGEST) for count in COUNTS]
    return "-".join([name, *counts]) + ("w" if progress[WAITS] else "")


def latest_name(names: "Iterable[str]") -> str:
    """Return the latest sign of life among some names; empty without one."""
    return max((name for name in names if BEAT.fullmatch(name)), default="")


def latest_beat(names: "Iterable[str]") -> int:
    """Return the number of the latest sign of life among some names; 0 for none."""
    found = BEAT.fullmatch(latest_name(names))
    return int(found.group(1)) if found else 0


def progress_in(names: "Iterable[str]") -> "Optional[Dict[str, Any]]":
    """Return the progress in the latest sign of life; None where it says nothing of it."""
    found = BEAT.fullmatch(latest_name(names))
    if found is None or found.group(2) is None:
        return None
    progress = {count: int(found.group(place + 2)) for place, count in enumerate(COUNTS)}  # type: Dict[str, Any]
    progress[WAITS] = bool(found.group(6))
    return progress
