"""The cache of file contents in a work folder: each once, named by its sha256, and copied into the runs that need it.

WORK_FOLDER/blobs/ab/cdef…   one content, placed whole, read-only; its time of change is when it was last wanted
WORK_FOLDER/blobs/.lock      shared by all who place, exclusive for who sweeps
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

MARKER = ".amlweb"
UNABLE_TO_SHARE = (errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EPERM)
TOUCHED_SECONDS = 1800.0
COPY_BYTES = 1 << 24


class Damaged(ValueError):
    """A content that came is not what its name says."""


class BlobCache:
    """The contents that one placing needs; the cache is locked against sweeps until it is closed."""

    def __init__(self, folder: str) -> None:
        os.makedirs(folder, 0o700, exist_ok=True)
        self.folder = folder
        self.made = set()  # type: set[str]
        self.lock = os.open(os.path.join(folder, ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self.lock, fcntl.LOCK_SH)

    def close(self) -> None:
        """Let sweeps go on."""
        os.close(self.lock)

    def path_of(self, digest: str) -> str:
        """Return where a content is. Raises ValueError for what is no sha256: it must not lead elsewhere."""
        if len(digest) != 64 or digest.strip("0123456789abcdef"):
            raise ValueError("no sha256")
        return os.path.join(self.folder, digest[:2], digest[2:])

    def missing(self, sizes: "dict[str, int]") -> "list[str]":
        """Return which contents are not here, in their order; the others are touched, so that no sweep takes them.

        What was touched in the last half hour is left as it is: sweeps spare that time, too.
        """
        found, late = [], time.time() - TOUCHED_SECONDS
        for digest, size in sizes.items():
            path = self.path_of(digest)
            touched_at = intact_since(path, digest, size)
            if touched_at is None:
                found.append(digest)
            elif touched_at < late:
                touch(path)
        return found

    def begin(self, digest: str, size: int) -> "Incoming":
        """Take a content in."""
        path = self.path_of(digest)
        folder = os.path.dirname(path)
        if folder not in self.made:
            os.makedirs(folder, 0o700, exist_ok=True)
            self.made.add(folder)
        return Incoming(path, digest, size)

    def copy(self, digest: str, size: int, destination: str, mode: int) -> None:
        """Copy a content of this size to a new file. Inside `exact_modes`, so that it has this mode."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        blob = os.open(self.path_of(digest), os.O_RDONLY | os.O_CLOEXEC)
        try:
            copy = os.open(destination, flags, mode & 0o755)
            try:
                while size > 0:
                    copied = copy_some(blob, copy, min(size, COPY_BYTES))
                    if not copied:
                        raise Damaged(digest)
                    size -= copied
            finally:
                os.close(copy)
        finally:
            os.close(blob)


@contextlib.contextmanager
def exact_modes() -> "Iterator[None]":
    """Let new files have the mode that they are opened with: changing it afterwards is one more write to the disk."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def copy_some(source: int, copy: int, size: int) -> int:
    """Copy bytes from where both files are read and written; return how many, 0 at the end.

    The kernel lets both share the bytes where the disk can do that (XFS, Btrfs), until one of them is written to. It
    refuses other pairs of disks, and Pythons before 3.8 do not know of it: then the bytes are copied.
    """
    if hasattr(os, "copy_file_range"):
        try:
            copied = os.copy_file_range(source, copy, size)
            if copied:
                return copied
        except OSError as error:
            if error.errno not in UNABLE_TO_SHARE:
                raise
    return os.sendfile(copy, source, None, size)


class Incoming:
    """A content that is arriving under a temporary name. Unbuffered: what comes is in large pieces already."""

    def __init__(self, path: str, digest: str, size: int) -> None:
        self.path = path
        self.digest = digest
        self.left = size
        self.seen = hashlib.sha256()
        self.temporary = "%s.%d.tmp" % (path, os.getpid())
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        self.descriptor = os.open(self.temporary, flags, 0o600)

    def add(self, data: bytes) -> None:
        """Take the next piece."""
        self.seen.update(data)
        self.left -= len(data)
        written = os.write(self.descriptor, data)
        while written < len(data):
            written += os.write(self.descriptor, data[written:])

    def keep(self) -> None:
        """Give it its name. Raises Damaged when it is something else."""
        if self.left or self.seen.hexdigest() != self.digest:
            raise Damaged(self.digest)
        os.fchmod(self.descriptor, 0o400)
        touch(self.descriptor)
        os.close(self.descriptor)
        self.descriptor = -1
        os.replace(self.temporary, self.path)

    def drop(self) -> None:
        """Remove what came so far."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
        if os.path.exists(self.temporary):
            os.unlink(self.temporary)


def touch(path: "str | int") -> None:
    """Say that a content is wanted now, in whole seconds: a time with a fraction is not from us."""
    now = int(time.time())
    os.utime(path, (now, now))


def intact_since(path: str, digest: str, size: int) -> "float | None":
    """Return when a content that is here was touched, 0 where somebody has written to it since, None where it is not
    here. Only one that was written to is read, which costs time."""
    try:
        facts = os.lstat(path)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(facts.st_mode) or facts.st_size != size:
        return None
    if facts.st_mtime_ns % 10**9 == 0:
        return facts.st_mtime
    seen = hashlib.sha256()
    with open(path, "rb") as file:
        for data in iter(lambda: file.read(COPY_BYTES), b""):
            seen.update(data)
    return 0.0 if seen.hexdigest() == digest else None


def cache_for(path: str) -> "str | None":
    """Return the cache of the work folder that a path is in, None where no folder above it carries our mark."""
    folder = os.path.dirname(path)
    while True:
        if os.path.exists(os.path.join(folder, MARKER)):
            return os.path.join(folder, "blobs")
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
