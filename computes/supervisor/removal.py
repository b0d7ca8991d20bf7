"""clean_up: remove the run folder of an ended run, leave a tombstone, drop old tombstones."""

import errno
import os
import signal
import stat
import time

from .files import CLEANED_UP, read_exit, read_state, tombstone_of, work_folder_of, write_tombstone
from .locks import is_locked, supervisor_of, take_launch_lock, was_started
from .processes import is_program_alive, is_the_process, processes_of_run, signal_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PATIENCE_SECONDS = 20.0
TOMBSTONE_SECONDS = 30 * 86400
SWEEP_SECONDS = 86400
BATCH = 50000


def clean_up(folder: str) -> "dict[str, Any]":
    """Remove the run folder of a run that has ended or never started: clean, alive (nothing was done) or busy."""
    lock = take_launch_lock(folder, PATIENCE_SECONDS)
    if lock is None:
        return {"answer": "busy"}
    try:
        return clean_up_locked(folder)
    finally:
        os.close(lock)


def clean_up_locked(folder: str) -> "dict[str, Any]":
    """Do it while the launch lock is held."""
    state = read_state(folder)
    record = read_exit(folder)
    supervisor = supervisor_of(folder) if state is None else None
    if supervisor is not None and is_the_process(*supervisor):
        return {"answer": "alive"}
    if is_locked(folder) or (state is not None and record is None and is_program_alive(state)):
        return {"answer": "alive"}
    is_forbidden = write_tombstone(folder, CLEANED_UP)
    if was_started(folder) and (record is None or record.get("code") is None):
        for pid in processes_of_run(folder):
            signal_process(pid, signal.SIGKILL)
    if os.path.lexists(folder):
        remove_tree(folder)
    remove_placed(folder)
    if not is_forbidden and not write_tombstone(folder, CLEANED_UP):
        raise OSError(errno.ENOSPC, "no space is left for a tombstone")
    sweep_tombstones(work_folder_of(folder))
    return {"answer": "clean"}


def end_processes(folder: str) -> int:
    """Kill every process that carries the mark of a run that must not start any more; return how many there were.

    Without its tombstone nothing is done: the run may just be starting.
    """
    if not os.path.exists(tombstone_of(folder)):
        return 0
    left = processes_of_run(folder)
    for pid in left:
        signal_process(pid, signal.SIGKILL)
    return len(left)


def remove_placed(folder: str) -> None:
    """Remove what launches of a container placed and did not live to make the run folder."""
    parent, name = os.path.split(folder)
    for entry in os.listdir(parent) if os.path.isdir(parent) else []:
        if entry.startswith(".%s-" % name):
            remove_tree(os.path.join(parent, entry))


def remove_tree(top: str) -> None:
    """Remove a folder that hostile code may have filled: no link is followed, no depth and no mode stands in the way.

    Each inner folder is first moved up to the top, so that no path is ever deeper than two.
    """
    if not stat.S_ISDIR(os.lstat(top).st_mode):
        os.unlink(top)
        return
    os.chmod(top, 0o700)
    root = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        empty_tree(root)
    finally:
        os.close(root)
    os.rmdir(top)


def empty_tree(root: int) -> None:
    """Remove all that is below an open folder."""
    remove_files(root)
    moved = max([int(name[9:]) for name in os.listdir(root) if name[:9] == ".removed-" and name[9:].isdigit()] or [0])
    pending = ["."]
    while pending:
        name = pending.pop()
        here = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=root)
        try:
            remove_files(here)
            for entry in os.listdir(here):
                if not stat.S_ISDIR(os.stat(entry, dir_fd=here, follow_symlinks=False).st_mode):
                    os.unlink(entry, dir_fd=here)
                    continue
                moved += 1
                pending.append(".removed-%d" % moved)
                os.chmod(entry, 0o700, dir_fd=here)
                os.rename(entry, pending[-1], src_dir_fd=here, dst_dir_fd=root)
        finally:
            os.close(here)
        if name != ".":
            os.rmdir(name, dir_fd=root)


def remove_files(folder: int) -> None:
    """Remove all but the folders of an open folder, some at a time: millions take no more memory."""
    names = remove_some_files(folder)
    while names == BATCH:
        names = remove_some_files(folder)


def remove_some_files(folder: int) -> int:
    """Remove a batch; return how many there were."""
    names = []  # type: list[str]
    with os.scandir("/proc/self/fd/%d" % folder) as entries:  # Python 3.6 takes no descriptor here
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                names.append(entry.name)
            if len(names) == BATCH:
                break
    for name in names:
        os.unlink(name, dir_fd=folder)
    return len(names)


def sweep_tombstones(work: str) -> None:
    """Once a day, drop tombstones and launch locks that are 30 days old and that no run folder needs any more."""
    swept = os.path.join(work, "ended", ".swept")
    now = time.time()
    if os.path.exists(swept) and now - os.stat(swept).st_mtime < SWEEP_SECONDS:
        return
    with open(swept, "w"):
        os.utime(swept)
    for kind in ("ended", "locks"):
        for entry in os.listdir(os.path.join(work, kind)):
            path = os.path.join(work, kind, entry)
            try:
                is_old = now - os.stat(path).st_mtime > TOMBSTONE_SECONDS
                if is_old and not os.path.lexists(os.path.join(work, "runs", entry)):
                    os.unlink(path)
            except FileNotFoundError:
                continue  # others remove and write there, too
