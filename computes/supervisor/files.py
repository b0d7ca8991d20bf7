"""The files of a run: where they are, and how they are read and replaced whole."""

import errno
import json
import os
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROTOCOL = 1
RESERVED_BYTES = 4096
STOPPED = "stopped"
CLEANED_UP = "cleaned up"
LONGEST_JSON_BYTES = 16 * 1024**2
LONGEST_APPLICATION_BYTES = 4096


def work_folder_of(folder: str) -> str:
    """Return the work folder that a run folder is in."""
    return os.path.dirname(os.path.dirname(folder))


def tombstone_of(folder: str) -> str:
    """Return the path whose presence forbids a start of this run."""
    return os.path.join(work_folder_of(folder), "ended", os.path.basename(folder))


def launch_lock_of(folder: str) -> str:
    """Return the path of the lock that start, stop and clean_up of this run share."""
    return os.path.join(work_folder_of(folder), "locks", os.path.basename(folder))


def read_json(path: str) -> "dict[str, Any] | None":
    """Return the object in a file, None when there is none or it is not complete.

    OSError: the disk does not answer, or the program has put a link or a folder there. Never waits at a pipe.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not an ordinary file", path)
        data = file.read(LONGEST_JSON_BYTES)
    if data[:1] != b"{":
        return None
    return object_in(data)


def object_in(data: bytes) -> "dict[str, Any] | None":
    """Return the object that a text is, None for anything else, also for what is nested deeper than can be read."""
    try:
        found = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def write_json(path: str, value: "Any", durable: bool = False) -> None:
    """Replace a file whole. `durable` also survives a power cut. Root gives it to the owner of the folder."""
    temporary = "%s.%d.tmp" % (path, os.getpid())
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        if os.geteuid() == 0:
            facts = os.stat(os.path.dirname(path))
            os.fchown(descriptor, facts.st_uid, facts.st_gid)
        os.write(descriptor, json.dumps(value).encode("ascii"))
        if durable:
            os.fsync(descriptor)
    except OSError:
        os.unlink(temporary)
        raise
    finally:
        os.close(descriptor)
    os.replace(temporary, path)
    if durable:
        parent = os.open(os.path.dirname(path), os.O_RDONLY | os.O_CLOEXEC)
        os.fsync(parent)
        os.close(parent)


def read_state(folder: str) -> "dict[str, Any] | None":
    """Return what the supervisor wrote before and after the spawn, None before that."""
    return read_json(os.path.join(folder, "state.json"))


def write_state(folder: str, state: "dict[str, Any]", durable: bool = False) -> None:
    """Replace state.json."""
    write_json(os.path.join(folder, "state.json"), state, durable)


def read_exit(folder: str) -> "dict[str, Any] | None":
    """Return the exit record, or None: until it is written, exit.json holds only the blanks that reserve its place."""
    return read_json(os.path.join(folder, "exit.json"))


def read_application(folder: str) -> "dict[str, Any] | None":
    """Return what a watcher on the head node of a cluster last wrote, None where there is none or it makes no sense."""
    return object_in(read_bytes(os.path.join(folder, "application.json"), 0, LONGEST_APPLICATION_BYTES))


def reserve_exit(folder: str) -> int:
    """Write the blanks that keep a place for the exit record on a disk that fills up; return its descriptor."""
    descriptor = os.open(os.path.join(folder, "exit.json"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.pwrite(descriptor, b" " * RESERVED_BYTES, 0)
    os.fsync(descriptor)
    return descriptor


def write_exit(descriptor: int, record: "dict[str, Any]") -> None:
    """Overwrite the reserved block in place: temporary file and rename need space that a full disk does not have."""
    os.pwrite(descriptor, json.dumps(record).encode("ascii").ljust(RESERVED_BYTES - 1) + b"\n", 0)
    os.fsync(descriptor)


def read_bytes(path: str, offset: int, limit: int) -> bytes:
    """Return bytes of an ordinary file; empty at its end and when there is none. Never waits at a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.pread(descriptor, limit, offset) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    finally:
        os.close(descriptor)


def size_of(path: str) -> int:
    """Return a file's size, 0 when it is not there or when the program has put something else in its place."""
    try:
        facts = os.lstat(path)
    except FileNotFoundError:
        return 0
    return facts.st_size if stat.S_ISREG(facts.st_mode) else 0


def remove_secrets(folder: str) -> None:
    """Remove what a launch wrote for the program alone, also when that launch came too late or died half-way."""
    for name in os.listdir(folder):
        if name == "secrets.json" or name.startswith(".secrets"):
            try:
                os.unlink(os.path.join(folder, name))
            except FileNotFoundError:
                continue


def write_tombstone(folder: str, why: str) -> bool:
    """Forbid every later start of this run; False when the disk takes nothing more. A clean-up is the last word."""
    path = tombstone_of(folder)
    if os.path.exists(path) and not (why == CLEANED_UP and was_only_stopped(folder)):
        return True
    return write_mark(path, {"why": why, "time": time.time()})


def was_only_stopped(folder: str) -> bool:
    """Whether the tombstone says that a stop was asked for, but not that the run was cleaned up."""
    return (read_json(tombstone_of(folder)) or {}).get("why") == STOPPED


def write_cancel(folder: str, grace_seconds: float) -> bool:
    """Ask for the end; an empty cancel file stands for the run's own grace. False when the disk takes nothing more."""
    return write_mark(os.path.join(folder, "cancel"), {"grace_seconds": grace_seconds})


def write_mark(path: str, value: "dict[str, Any]") -> bool:
    """Leave a file whose presence is what counts: on a full disk an empty one still fits, in most cases."""
    try:
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        try:
            write_json(path, value, durable=True)
        except OSError:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError:
        return False
    return True


def is_unwanted(folder: str) -> bool:
    """Whether a cancel or a tombstone says that this run must not start."""
    return os.path.exists(tombstone_of(folder)) or os.path.exists(os.path.join(folder, "cancel"))


def cancel_grace(folder: str, default: float) -> float:
    """Return the grace that the cancel file asks for; an empty or unreadable one stands for the run's own."""
    try:
        wish = read_json(os.path.join(folder, "cancel")) or {}
        return float(wish["grace_seconds"])
    except (OSError, ValueError, TypeError, KeyError):
        return float(default)
