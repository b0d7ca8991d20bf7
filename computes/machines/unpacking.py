"""Unpacking a tar that comes in pieces."""

import io
import tarfile
from collections.abc import Iterator

from computes.errors import TransferFailed


class Pieces(io.RawIOBase):
    """A file that is read from pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self.pieces = pieces
        self.left = b""

    def readable(self) -> bool:
        """It is read."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Fill a buffer from the next piece."""
        while not self.left:
            try:
                self.left = next(self.pieces)
            except StopIteration:
                return 0
        count = min(len(buffer), len(self.left))
        buffer[:count], self.left = self.left[:count], self.left[count:]
        return count


def unpack(path: str, pieces: Iterator[bytes]) -> None:
    """Unpack an uncompressed tar into a folder; nothing of it lands outside. Raises OSError and TransferFailed."""
    buffered = io.BufferedReader(Pieces(pieces), 1 << 20)  # type: ignore[type-var]
    try:
        with tarfile.open(fileobj=buffered, mode="r|") as tar:
            for entry in tar:
                entry.uid = entry.gid = 0
                entry.uname = entry.gname = ""
                tar.extract(entry, path, numeric_owner=False, set_attrs=True, filter=_safe)
    except tarfile.TarError as error:
        raise TransferFailed(
            f"The files could not be unpacked: {error}.", "Try again; if that does not help, look at the target's disk."
        ) from error


def _safe(entry: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    checked = tarfile.tar_filter(entry, path)
    if checked is not None:
        checked.uid = checked.gid = None  # type: ignore[assignment]
    return checked
