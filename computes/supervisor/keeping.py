"""What a work folder keeps between runs beside environments: contents of files, and packages of Spark.

WORK_FOLDER/blobs/ab/cdef…           one content; its time of change is when it was last wanted
WORK_FOLDER/blobs/.lock              shared by all who place, exclusive for who sweeps
WORK_FOLDER/spark/PROJECT/ivy        a project's packages; its time of change is when a run last took it
WORK_FOLDER/spark/PROJECT/ivy.lock   held by the run that uses them, and by who sweeps
"""

import os
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

    Kept = tuple[float, int, str]  # when it was last wanted (UTC seconds), its bytes, its path

PACKAGES = "ivy"
PACKAGES_LOCK = "ivy.lock"


def kept_in(work: str, deadline: float) -> "Iterator[Kept]":
    """Yield everything that is kept, also what never arrived whole. What cannot be measured in time is left out."""
    contents = os.path.join(work, "blobs")
    for part in listed(contents):
        for name in listed(os.path.join(contents, part)):
            path = os.path.join(contents, part, name)
            facts = facts_of(path)
            if facts is not None:
                yield facts.st_mtime, facts.st_size, path
    projects = os.path.join(work, "spark")
    for project in listed(projects):
        path = os.path.join(projects, project, PACKAGES)
        facts = facts_of(path)
        size = size_below(path, deadline) if facts is not None and stat.S_ISDIR(facts.st_mode) else None
        if facts is not None and size is not None:
            yield facts.st_mtime, size, path


def facts_of(path: str) -> "os.stat_result | None":
    """Return the facts of an entry, None where it is gone or not ours to see."""
    try:
        return os.lstat(path)
    except OSError:
        return None


def size_below(top: str, deadline: float) -> "int | None":
    """Return the bytes that a folder takes on its disk; None when there was no time. No link is followed."""
    total, pending = 0, [top]
    while pending:
        if time.monotonic() > deadline:
            return None
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
        except OSError:
            continue  # it went while we looked, or is not ours to read
    return total


def listed(folder: str) -> "list[str]":
    """Return the names in a folder, none where there is no folder."""
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
