"""A run's system log, put together of three pieces: what the server did before, what the driver's supervisor did, and,
after the end, what Livy heard of spark-submit and YARN. Each piece is written once, so offsets stay true."""

from computes.shared_storage.parts import PartsIndex
from computes.shared_storage.shared_run import SharedRun
from computes.spark_driver.layout import CLOSING, INTRO, SYSTEM


def system_bytes(run: SharedRun, parts: PartsIndex, *, is_closed: bool) -> int:
    """Return the size of the system log as it is now."""
    before = middle_end(run, parts)
    return before + len(run.read(CLOSING) or b"") if is_closed else before


def middle_end(run: SharedRun, parts: PartsIndex) -> int:
    """Return where the driver's piece ends: behind the server's, even where the driver has written nothing."""
    return parts.end_of(SYSTEM) or len(run.read(INTRO) or b"")


def read_system(run: SharedRun, parts: PartsIndex, offset: int, limit: int) -> bytes:
    """Return at most `limit` bytes of the system log from an offset; empty at its end."""
    found = (run.read(INTRO) or b"")[offset : offset + limit]
    end = middle_end(run, parts)
    position = offset + len(found)
    if len(found) < limit and position < end:
        found += parts.read(SYSTEM, position, min(limit - len(found), end - position))
        position = offset + len(found)
    if len(found) < limit and position >= end:
        found += (run.read(CLOSING) or b"")[position - end : position - end + limit - len(found)]
    return found
