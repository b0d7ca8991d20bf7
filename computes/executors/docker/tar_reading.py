"""Reading what an engine gives as a tar, while it comes."""

import io
import tarfile
from collections.abc import Iterator
from typing import IO, cast

STEP_BYTES = 1 << 20


class Incoming(io.RawIOBase):
    """Pieces of bytes as a file that is read once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self.pieces = pieces
        self.rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self.rest) < size:
            piece = next(self.pieces, None)
            if piece is None:
                break
            self.rest += piece
        size = len(self.rest) if size < 0 else size
        found, self.rest = self.rest[:size], self.rest[size:]
        return found


def open_tar(archive: Iterator[bytes]) -> tarfile.TarFile:
    """Return a tar that is read from its beginning to its end."""
    return tarfile.open(fileobj=cast(IO[bytes], Incoming(archive)), mode="r|")


def read_part(archive: Iterator[bytes], offset: int, limit: int) -> bytes:
    """Return a part of the one file in a tar; empty for anything else than an ordinary file."""
    with open_tar(archive) as tar:
        member = tar.next()
        file = tar.extractfile(member) if member is not None and member.isreg() else None
        if member is None or file is None or offset >= member.size:
            return b""
        skipped = 0
        while skipped < offset:
            skipped += len(file.read(min(STEP_BYTES, offset - skipped)))
        return file.read(limit)


def size_in(archive: Iterator[bytes]) -> int:
    """Return the size of the one file in a tar; 0 for anything else than an ordinary file."""
    with open_tar(archive) as tar:
        member = tar.next()
        return member.size if member is not None and member.isreg() else 0
