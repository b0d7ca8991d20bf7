"""The two locks of a run: the launch lock (start, stop, clean_up) and the run's own (held: its supervisor lives)."""

import fcntl
import os
import time

from .files import launch_lock_of


def take_launch_lock(folder: str, patience_seconds: float) -> "int | None":
    """Return a descriptor that holds the launch lock, or None when somebody else keeps it for too long."""
    path = launch_lock_of(folder)
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    deadline = time.monotonic() + patience_seconds
    while True:
        descriptor = take_lock(path, deadline)
        if descriptor is None or is_same_file(path, descriptor):
            return descriptor
        os.close(descriptor)


def is_same_file(path: str, descriptor: int) -> bool:
    """Whether the path still names the locked file: a sweep may have removed it before we had the lock."""
    try:
        return os.stat(path).st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False


def lock_run(folder: str, patience_seconds: float) -> "int | None":
    """Return a descriptor that holds the run's lock for as long as this process lives, or None."""
    return take_lock(os.path.join(folder, "lock"), time.monotonic() + patience_seconds)


def take_lock(path: str, deadline: float) -> "int | None":
    """Lock a file exclusively until the descriptor and all its copies are closed; None at the deadline."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return None
            time.sleep(0.005)


def is_locked(folder: str) -> bool:
    """Whether a supervisor holds the run's lock. The look itself holds a shared lock for some microseconds."""
    try:
        descriptor = os.open(os.path.join(folder, "lock"), os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)


def reserve_started(launch_lock: int) -> None:
    """Take the place of the mark that `record_started` leaves: the program may fill the disk at once."""
    os.pwrite(launch_lock, b"waiting\n", 0)


def record_started(launch_lock: int, supervisor: int, ticks: int, boot: str) -> None:
    """Record in the launch lock that the program was spawned, and by whom: evidence that outlives the run folder."""
    os.pwrite(launch_lock, ("started %d %d %s\n" % (supervisor, ticks, boot)).encode("ascii"), 0)


def start_record(folder: str) -> "list[bytes]":
    """Return the words that `record_started` wrote, or what the launch of a container added; none before that."""
    try:
        with open(launch_lock_of(folder), "rb") as file:
            lines = [line.split() for line in file.read(200).splitlines()]
    except FileNotFoundError:
        return []
    return next((words for words in lines if words[:1] == [b"started"]), [])


def was_started(folder: str) -> bool:
    """Whether the launch lock records that the program was spawned once."""
    return bool(start_record(folder))


def supervisor_of(folder: str) -> "tuple[int, int, str] | None":
    """Return (pid, start ticks, boot id) of the supervisor that spawned the program, None where nobody did."""
    words = start_record(folder)
    return (int(words[1]), int(words[2]), words[3].decode("ascii")) if len(words) == 4 else None
