"""sweep: clean what a work folder keeps between runs (`keeping`), by age and by size."""

import errno
import fcntl
import os
import time

from .blobs import MARKER, TOUCHED_SECONDS
from .keeping import PACKAGES_LOCK, kept_in
from .removal import remove_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SPARED_SECONDS = 86400.0
PATIENCE_SECONDS = 20.0


def sweep(
    work: str, older_than_seconds: float, most_bytes: "int | None" = None, work_seconds: float = 20.0
) -> "dict[str, Any]":
    """Remove what nobody has wanted for so long, then what nobody has wanted for longest until the rest is small
    enough; what was wanted within a day stays, and half an hour more for touches that were left out. Answers swept
    with counts, or busy while code is being placed.

    It ends after `work_seconds`; the next one goes on. Where no installation has put its mark, nothing is ours.
    """
    if not os.path.exists(os.path.join(work, MARKER)):
        return {"answer": "swept", "files": 0, "bytes": 0}
    contents = os.path.join(work, "blobs")
    if not os.path.isdir(contents):
        return sweep_locked(work, older_than_seconds, most_bytes, work_seconds)
    lock = take(os.path.join(contents, ".lock"), PATIENCE_SECONDS)
    if lock is None:
        return {"answer": "busy"}
    try:
        return sweep_locked(work, older_than_seconds, most_bytes, work_seconds)
    finally:
        os.close(lock)


def take(path: str, patience_seconds: float) -> "int | None":
    """Return a lock that nobody else holds; None where somebody does for so long."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES) or time.monotonic() >= deadline:
                os.close(lock)
                return None
            time.sleep(0.05)


def sweep_locked(
    work: str, older_than_seconds: float, most_bytes: "int | None", work_seconds: float
) -> "dict[str, Any]":
    """Remove old things while nobody places contents."""
    deadline, now = time.monotonic() + work_seconds, time.time() - TOUCHED_SECONDS
    kept = sorted(kept_in(work, deadline))
    left = sum(size for _, size, _ in kept)
    files = freed = 0
    for wanted_at, size, path in kept:
        is_old = wanted_at < now - max(older_than_seconds, SPARED_SECONDS)
        is_too_much = most_bytes is not None and left > most_bytes and wanted_at < now - SPARED_SECONDS
        if not (is_old or is_too_much) or time.monotonic() > deadline:
            break
        if removed(path):
            files, freed, left = files + 1, freed + size, left - size
    return {"answer": "swept", "files": files, "bytes": freed}


def removed(path: str) -> bool:
    """Remove a content, or a project's packages; False where a run uses those, or another sweep was faster."""
    try:
        if not os.path.isdir(path) or os.path.islink(path):
            os.unlink(path)
            return True
        lock = take(os.path.join(os.path.dirname(path), PACKAGES_LOCK), 0.0)
        if lock is None:
            return False
        try:
            remove_tree(path)
            return True
        finally:
            os.close(lock)
    except FileNotFoundError:
        return False
