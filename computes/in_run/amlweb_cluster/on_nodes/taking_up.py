"""What a follower leaves for one that takes over when it is killed."""

import json
import os

from ..record import NAME
from ..yarn import APPLICATION
from .settle import SCRATCH, mark

UNHANDED = "unhanded"
HANDED = "handed"
END = "end.json"


def mark_unhanded(folder: str) -> None:
    """Mark that spark-submit was not started yet: as long as this mark is there, all may be done once more. On a disk
    that takes no mark, nothing says so, and nothing is done once more."""
    try:
        os.makedirs(os.path.join(folder, SCRATCH), 0o700, exist_ok=True)
        mark(folder, UNHANDED)
    except OSError:
        return


def mark_handed(folder: str) -> None:
    """Mark that spark-submit is about to be started: from here on nothing may be submitted again. Raises OSError.

    One mark becomes the other, on the disk too: after a power cut there is never the first one alone.
    """
    scratch = os.path.join(folder, SCRATCH)
    handed = os.path.join(scratch, HANDED)
    try:
        os.rename(os.path.join(scratch, UNHANDED), handed)
    except FileNotFoundError:
        mark(folder, HANDED)
    descriptor = os.open(scratch, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def was_handed(folder: str) -> bool:
    """Whether an earlier follower has started spark-submit."""
    return os.path.exists(os.path.join(folder, SCRATCH, HANDED))


def end_path(folder: str) -> str:
    """Return where a follower writes how the run ends, before it removes the run from the storage."""
    return os.path.join(folder, SCRATCH, END)


def known_application(folder: str) -> str:
    """Return the id that an earlier follower has recorded; empty where there is none."""
    try:
        with open(os.path.join(folder, NAME), "rb") as file:
            found = str(json.loads(file.read().decode("ascii"))["id"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    return found if APPLICATION.fullmatch(found) else ""
