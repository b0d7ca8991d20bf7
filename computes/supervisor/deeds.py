"""What the server may ask a machine for over a channel, besides the verbs: files, programs, the account."""

import errno
import os
import stat
import subprocess

from .account import account_environment, expand, find_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ORDINARY = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_folder(path: str) -> None:
    """Make a folder and its parents, mode 0700."""
    before = os.umask(0o077)
    try:
        os.makedirs(path, FOLDER_MODE, exist_ok=True)
    finally:
        os.umask(before)


def write(path: str, data: bytes) -> None:
    """Replace a file whole, under a temporary name that begins with a dot and the file's name."""
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, ".%s-%s.tmp" % (name, os.urandom(8).hex()))
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except OSError:
        if os.path.lexists(temporary):
            os.unlink(temporary)
        raise


def append_line(path: str, line: bytes) -> None:
    """Add a line with one write."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, FILE_MODE)
    with open(descriptor, "ab", buffering=0) as file:
        file.write(line)


def read(path: str, offset: int, limit: int) -> bytes:
    """Read without following a link and without waiting at a pipe; empty when there is no ordinary file."""
    try:
        descriptor = os.open(path, ORDINARY)
    except OSError as error:
        if error.errno == errno.ENOENT or os.path.islink(path):
            return b""
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        return os.pread(descriptor, limit, offset)
    finally:
        os.close(descriptor)


def facts_of(path: str) -> "list[Any] | None":
    """Return [size, is a file, is a folder, time of change in ns], links followed; None when it is not there."""
    try:
        facts = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return [facts.st_size, stat.S_ISREG(facts.st_mode), stat.S_ISDIR(facts.st_mode), facts.st_mtime_ns]


def free_bytes(path: str) -> int:
    """Return what an ordinary account may still write."""
    disk = os.statvfs(path)
    return disk.f_bavail * disk.f_frsize


def run(argv: "list[str]", environment: "dict[str, str]", seconds: float) -> "tuple[int, bytes, bytes] | None":
    """Run a command in the root folder with exactly this environment; None when its time is up."""
    encoded = {encode(name): encode(value) for name, value in environment.items()}
    process = subprocess.Popen(
        [encode(argument) for argument in argv],
        env=encoded,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return None
    return process.returncode, output, errors


def account() -> "dict[str, Any]":
    """Return the account's variables and home."""
    return {"environment": account_environment(), "home": expand("~")}


def program(location: str) -> "str | None":
    """Return the path of a program, None when it is not there."""
    return find_program(location)


def encode(text: str) -> bytes:
    """Return the bytes that the kernel is given; surrogates stand for bytes that are not UTF-8."""
    return text.encode("utf-8", "surrogateescape")
