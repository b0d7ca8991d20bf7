"""The folder where Spark's resolver (Ivy) keeps a project's packages between runs. It is not made for two at once."""

import fcntl
import os

LOCK = ".lock"


def take_for_this_run(folder: str) -> bool:
    """Have the folder for this program and what it becomes, until that ends; False where it cannot be had: another run
    has it, it cannot be written, or its disk knows no locks.

    The lock lies beside the folder, so that a sweep can remove it whole.
    """
    try:
        os.makedirs(os.path.dirname(folder), 0o700, exist_ok=True)
        lock = os.open(folder + LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        return False
    is_ours = is_taken(lock, folder)
    if is_ours:
        os.set_inheritable(lock, True)
    else:
        os.close(lock)
    return is_ours


def is_taken(lock: int, folder: str) -> bool:
    """Take the lock and make the folder ready, if both is possible now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.makedirs(folder, 0o700, exist_ok=True)
        os.utime(folder)
        return os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        return False
