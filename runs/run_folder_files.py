"""Opens files below a run's folder without ever leaving it: no `..`, no link at any step, regular files only."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

CHUNK_BYTES = 256 * 1024
FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def split_path(path: str) -> list[str]:
    """Return the names that a relative path is made of. Raises FileNotFoundError for anything but plain names."""
    names = path.split("/")
    if "\0" in path or len(os.fsencode(path)) > 4096 or any(name in ("", ".", "..") for name in names):
        raise FileNotFoundError(path)
    return names


class FilePart:
    """An open file, or a part of it, read in chunks. Close it, or read it to its end."""

    def __init__(self, descriptor: int, start: int, end: int) -> None:
        self.descriptor = descriptor
        self.offset = start
        self.end = end
        self.is_open = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = b""
        if self.is_open and self.offset < self.end:
            chunk = os.pread(self.descriptor, min(CHUNK_BYTES, self.end - self.offset), self.offset)
        if not chunk:
            self.close()
            raise StopIteration
        self.offset += len(chunk)
        return chunk

    def close(self) -> None:
        """Close the file; may be called twice."""
        if self.is_open:
            self.is_open = False
            os.close(self.descriptor)


def open_beneath(folder: Path, path: str) -> FilePart:
    """Open a regular file below a folder, as the part from its start to its present end.

    Raises FileNotFoundError for whatever is not a plain file there: links (also on the way), folders, devices, pipes.
    """
    *folders, name = split_path(path)
    try:
        place = os.open(folder, FOLDER_FLAGS)
        try:
            for step in folders:
                inner = os.open(step, FOLDER_FLAGS, dir_fd=place)
                os.close(place)
                place = inner
            descriptor = os.open(name, FILE_FLAGS, dir_fd=place)
        finally:
            os.close(place)
    except OSError as error:
        raise FileNotFoundError(path) from error
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise FileNotFoundError(path)
    return FilePart(descriptor, 0, facts.st_size)
