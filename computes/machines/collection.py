"""Copying what a script left behind. The script is not trusted: nothing that it put there leads us elsewhere."""

import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from computes.contract import Collected
from computes.machines.contract import CollectionLimits

DEEPEST = 64
LONGEST_PATH_BYTES = 1000  # what the server's table of outputs holds
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def collect_tree(top: str, into: Path, limits: CollectionLimits) -> list[Collected]:
    """Copy the ordinary files below `top` into a folder of ours, each under a temporary name until it is whole.

    Every component is opened without following links. Raises OSError when our own side cannot be written.
    """
    try:
        descriptor = os.open(top, FOLDER)
    except FileNotFoundError:
        return []
    except OSError:
        return [Collected(path="outputs", size=0, sha256="", skipped="outputs is not a folder any more")]
    collection = Collection(into, limits)
    try:
        into.mkdir(parents=True, exist_ok=True)
        return list(collection.walk(descriptor, "", 0))
    finally:
        os.close(descriptor)


class Collection:
    """One walk through the outputs of one run."""

    def __init__(self, into: Path, limits: CollectionLimits) -> None:
        self.into = into
        self.limits = limits
        self.files = 0
        self.bytes = 0

    def walk(self, folder: int, prefix: str, depth: int) -> Iterator[Collected]:
        """Yield what is found in an open folder, in the order of names; stops behind the limit on files."""
        for name in sorted(os.listdir(folder)):
            if self.files >= self.limits.files:
                if self.files == self.limits.files:
                    self.files += 1
                    reason = f"more than {self.limits.files:,} files: this one and the rest were left"
                    yield skipped(prefix + name, 0, reason)
                return
            path = prefix + name
            facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if reason := self.reason_against(path, name, facts, depth):
                self.files += 1
                yield skipped(path, facts.st_size if stat.S_ISREG(facts.st_mode) else 0, reason)
            elif stat.S_ISDIR(facts.st_mode):
                yield from self.enter(folder, name, path, depth)
            else:
                self.files += 1
                yield self.copy(folder, name, path)

    def enter(self, folder: int, name: str, path: str, depth: int) -> Iterator[Collected]:
        """Yield what is found in a folder of a folder."""
        try:
            inner = os.open(name, FOLDER, dir_fd=folder)
        except OSError as error:
            yield skipped(path, 0, f"cannot be opened: {error.strerror}")
            return
        try:
            yield from self.walk(inner, f"{path}/", depth + 1)
        finally:
            os.close(inner)

    def reason_against(self, path: str, name: str, facts: os.stat_result, depth: int) -> str:
        """Return why an entry is not copied, empty when it may be."""
        kind = stat.S_IFMT(facts.st_mode)
        if has_surrogates(name):
            return "its name is not valid UTF-8"
        if not name.isprintable():
            return "its name has control characters"
        if len(path.encode()) > LONGEST_PATH_BYTES:
            return f"its path is longer than {LONGEST_PATH_BYTES} bytes"
        if kind == stat.S_IFDIR:
            return "" if depth < DEEPEST else f"folders are nested deeper than {DEEPEST}"
        if kind != stat.S_IFREG:
            return f"it is {KINDS.get(kind, 'not an ordinary file')}"
        if facts.st_nlink > 1:
            return "it has more than one name (hard link)"
        if facts.st_size > self.limits.file_bytes:
            return f"it is larger than {self.limits.file_bytes:,} bytes"
        if self.bytes + facts.st_size > self.limits.total_bytes:
            return f"all outputs together are larger than {self.limits.total_bytes:,} bytes"
        return ""

    def copy(self, folder: int, name: str, path: str) -> Collected:
        """Copy one file. What was looked at is what is copied: kind and number of names are asked again once open."""
        try:
            descriptor = os.open(name, FILE, dir_fd=folder)
        except OSError as error:
            return skipped(path, 0, f"cannot be opened: {error.strerror}")
        destination = self.into / path
        destination.parent.mkdir(parents=True, exist_ok=True)
        temporary = destination.with_name(f".{secrets.token_hex(8)}.tmp")
        with open(descriptor, "rb", buffering=0) as source:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode) or facts.st_nlink > 1:
                return skipped(path, 0, "it was exchanged while being looked at")
            try:
                digest = hashlib.sha256()
                left = facts.st_size
                with open(temporary, "xb") as copy:
                    while left and (data := source.read(min(1 << 20, left))):
                        digest.update(data)
                        copy.write(data)
                        left -= len(data)
                temporary.replace(destination)
            finally:
                temporary.unlink(missing_ok=True)
        size = facts.st_size - left
        self.bytes += size
        return Collected(path=path, size=size, sha256=digest.hexdigest())


def skipped(path: str, size: int, reason: str) -> Collected:
    """Return the entry of something that was left; its name is shown with escapes."""
    shown = path if path.isprintable() and not has_surrogates(path) else ascii(path)[1:-1]
    return Collected(path=shown[:LONGEST_PATH_BYTES], size=size, sha256="", skipped=reason)


def has_surrogates(text: str) -> bool:
    """Whether a name came from bytes that are not UTF-8."""
    return any("\ud800" <= character <= "\udfff" for character in text)
