"""Unpacking a tar that comes in pieces."""

import io
import os
import tarfile

from .frames import BrokenFrame, Frames

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator


class UnsafeTar(ValueError):
    """A tar that is damaged, or has a name that leads out of the folder."""


class Pieces(io.RawIOBase):
    """A file that is read from pieces."""

    def __init__(self, pieces: "Iterator[bytes]") -> None:
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


def unpack(path: str, pieces: "Iterator[bytes]") -> None:
    """Unpack an uncompressed tar into a folder; nothing of it lands outside. Raises OSError and UnsafeTar.

    Modes and times are those of the tar, the owner is the account that unpacks.
    """
    buffered = io.BufferedReader(Pieces(pieces), 1 << 20)  # type: ignore[type-var]
    try:
        with tarfile.open(fileobj=buffered, mode="r|") as tar:
            tar.extraction_filter = keep
            for entry in tar:
                require_inside(entry, os.path.realpath(path))
                tar.extract(owned(entry), path)
    except tarfile.TarError as error:
        raise UnsafeTar(str(error)) from error


def keep(entry: tarfile.TarInfo, path: str) -> tarfile.TarInfo:
    """Newer Pythons ask for a filter; what leads outside was refused before."""
    return entry


def require_inside(entry: tarfile.TarInfo, root: str) -> None:
    """Raise UnsafeTar for what would land outside of a folder, also by way of a link that came before."""
    for name in [entry.name, entry.linkname] if entry.islnk() else [entry.name]:
        place = os.path.join(root, name)
        inside = os.path.realpath(os.path.dirname(place)) + "/"
        if ".." in name.split("/") or not inside.startswith(root + "/") or os.path.islink(place) or entry.isdev():
            raise UnsafeTar("%r leads out of the folder" % name[:200])


def owned(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return an entry without the owner that the tar names."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def sent(frames: Frames) -> "Iterator[bytes]":
    """Yield the bytes that the server sends, up to its last word. Raises BrokenFrame where the channel breaks off."""
    while True:
        frame = frames.receive()
        if frame is None:
            raise BrokenFrame("the channel broke off")
        if frame[0].get("end"):
            return
        yield frame[1]
