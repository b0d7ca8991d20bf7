"""What the server needs of a storage that it shares with a cluster. Two of them: a mounted folder and WebHDFS.

Names are relative to the target's work folder, with slashes. What fails raises `computes.errors.TargetError`;
TargetUnreachable means that nothing is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a folder as the storage tells it: when it was changed last (UTC seconds), and its bytes, 0 of a
    folder."""

    since: float
    bytes: int
    is_folder: bool


class SharedStorage(Protocol):
    """A tree of files that are placed whole and never changed."""

    def names(self, name: str) -> frozenset[str]:
        """Return what is in a folder, temporary files left out; nothing when it is not there."""

    def listing(self, name: str, *, with_temporary: bool = False) -> Mapping[str, Listed]:
        """Return what is in a folder with what is known of it; nothing when the folder is not there."""

    def size(self, name: str, deadline: float) -> int | None:
        """Return the bytes of all files below a folder; None when it is not there, or when they cannot be counted until
        a moment of the monotonic clock."""

    def read(self, name: str, offset: int, limit: int) -> bytes | None:
        """Return at most `limit` bytes of a file from an offset within it; None when there is no such file."""

    def claim(self, name: str, data: bytes) -> bool:
        """Make a file that nobody has made yet, also under haste; False when somebody has."""

    def place(self, name: str, content: bytes | Path | BinaryIO) -> None:
        """Put a file under a name; an earlier one is replaced. What reading an open file raises is passed on."""

    def fetch(self, name: str, into: BinaryIO, most_bytes: int) -> int:
        """Copy at most so many bytes of a file into an open file and return how many it were."""

    def make_folder(self, name: str) -> None:
        """Make a folder and its parents; an existing one is left as it is."""

    def remove(self, name: str) -> None:
        """Remove a file or a folder with all in it; what is not there is no error."""
