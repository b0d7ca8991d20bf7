"""The server's cache of packages: used by builds under a shared lock, cleaned by age and size when nothing is built.

    packages/   conda packages, each with an entry of its own whose time of change is when it was linked last
    repodata/   lists of channels
    link-…   scratch of a build, as solver-… was once; what is a day old was left by one that died
    .lock       shared by builds, exclusive for who cleans        .usage.json   what the last cleaning found

Plain Python, no Django. Sizes are bytes.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

LOCK, USAGE = ".lock", ".usage.json"
SCRATCH = ("link-", "solver-")
SCRATCH_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class CacheUsage:
    """What is in the cache, what the last cleaning removed, and when that was (UTC seconds)."""

    packages: int
    bytes: int
    removed: int
    removed_bytes: int
    cleaned_at: float


@contextmanager
def in_use(cache: Path) -> Iterator[None]:
    """Keep the cache from being cleaned until the block ends."""
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (cache / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def note_use(packages: Path, names: Iterable[str]) -> None:
    """Note that packages were used now: entries whose name begins with name, version and build."""
    wanted = tuple(names)
    for entry in packages.iterdir() if wanted and packages.is_dir() else ():
        if entry.name.startswith(wanted):
            with suppress(OSError):
                os.utime(entry)


def clean(cache: Path, older_than_seconds: float, most_bytes: int, work_seconds: float) -> CacheUsage | None:
    """Remove packages that no build has used for so long, then those unused for longest until the rest is small enough,
    and scratch that was left. Returns what is there then, None while something is built: then nothing is touched.

    It ends after `work_seconds`; the next one goes on.
    """
    if not cache.is_dir():
        return CacheUsage(0, 0, 0, 0, time.time())
    with (cache / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        usage = _clean_locked(cache, time.time() - older_than_seconds, most_bytes, time.monotonic() + work_seconds)
        (cache / USAGE).write_text(json.dumps(asdict(usage)))
        return usage


def usage_of(cache: Path) -> CacheUsage | None:
    """Return what the last cleaning found, None before the first."""
    try:
        return CacheUsage(**json.loads((cache / USAGE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _clean_locked(cache: Path, before: float, most_bytes: int, deadline: float) -> CacheUsage:
    for entry in cache.iterdir():
        if entry.name.startswith(SCRATCH) and entry.stat().st_mtime < time.time() - SCRATCH_SECONDS:
            _remove(entry)
    packages = cache / "packages"
    entries = sorted(packages.iterdir(), key=lambda entry: entry.lstat().st_mtime) if packages.is_dir() else []
    sizes = {entry: _size_of(entry) for entry in entries}
    total, removed, freed = sum(sizes.values()), 0, 0
    for entry in entries:
        if time.monotonic() > deadline or (entry.lstat().st_mtime >= before and total - freed <= most_bytes):
            break
        _remove(entry)
        removed, freed = removed + 1, freed + sizes[entry]
    return CacheUsage(len(entries) - removed, total - freed, removed, freed, time.time())


def _size_of(path: Path) -> int:
    size = path.lstat().st_blocks * 512
    if path.is_dir() and not path.is_symlink():
        with os.scandir(path) as entries:
            size += sum(_size_of(Path(entry.path)) for entry in entries)
    return size


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
