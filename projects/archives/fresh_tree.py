"""Writes entries of an archive below one fresh folder, and counts while it writes.

Only regular files (0644 or 0755) and folders (0755) are ever made. Each file is opened with O_EXCL and O_NOFOLLOW
below folders that this writer made itself, so no entry can lead out of the folder or replace another.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from projects.archives.refusals import entry_refusal, refusal
from projects.path_rules import PathRefused, checked_path, shown
from projects.size_limits import SizeLimits, in_words

# Text packs well: only a large archive that grows more than this is taken for a bomb.
MAXIMUM_RATIO = 200
RATIO_FREE_BYTES = 10 * 1024**2
_LEAVE_OUT = "Leave it out of the archive, or name it in .amlignore and import the folder instead."


class FreshTree:
    """The files of one archive of `archive_bytes`, below an empty folder. Every method raises SourceRefused."""

    def __init__(self, folder: Path, limits: SizeLimits, archive_bytes: int) -> None:
        self._folder = folder
        self._limits = limits
        self._archive_bytes = archive_bytes
        self._names: dict[str, tuple[str, bool]] = {}
        self._entries = 0
        self.files = 0
        self.total_bytes = 0

    def add_folder(self, name: str) -> None:
        """Make a folder and those above it. A folder may come twice; `./` is the top."""
        self._count_entry()
        if name.strip("/") in ("", "."):
            return
        self._claim_folders(name, self._checked(name))

    def add_file(self, name: str, executable: bool, chunks: Iterable[bytes]) -> int:
        """Write a file from its pieces and return its bytes."""
        self._count_entry()
        path = self._checked(name)
        self.files += 1
        if self.files > self._limits.files:
            text = f"The archive has more than {self._limits.files:,} files."
            raise refusal(text, "Leave out data and installed packages (.venv, node_modules).")
        self._claim_folders(name, path.rpartition("/")[0])
        self._claim(name, path, is_folder=False)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        size = 0
        with open(os.open(self._folder / path, flags, 0o755 if executable else 0o644), "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                self._count_bytes(name, size, len(chunk))
                file.write(chunk)
        return size

    def _checked(self, name: str) -> str:
        try:
            return checked_path(name)
        except PathRefused as error:
            raise entry_refusal(name, f"cannot be taken: its name {error.text}", error.remedy) from error

    def _claim_folders(self, name: str, path: str) -> None:
        parts = path.split("/") if path else []
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            if self._claim(name, folder, is_folder=True):
                (self._folder / folder).mkdir(mode=0o755)

    def _claim(self, name: str, path: str, *, is_folder: bool) -> bool:
        """Take a path; True when it is new. Twins, also such that differ in case only, are refused."""
        there = self._names.get(path.casefold())
        if there is None:
            self._names[path.casefold()] = (path, is_folder)
            return True
        if there == (path, True) and is_folder:
            return False
        if there[1] != is_folder:
            what = f"is both a file and a folder ({shown(there[0])!r})"
        elif there[0] == path:
            what = "is in the archive twice"
        else:
            what = f"differs from {shown(there[0])!r} only in upper and lower case"
        raise entry_refusal(name, what, "Keep one of the two and pack the folder again.")

    def _count_entry(self) -> None:
        self._entries += 1
        if self._entries > 2 * self._limits.files + 1000:
            raise refusal(
                f"The archive has more than {self._entries - 1:,} entries.", "Leave out what a run does not need."
            )

    def _count_bytes(self, name: str, size: int, more: int) -> None:
        self.total_bytes += more
        if size > self._limits.file_bytes:
            raise entry_refusal(name, f"is larger than {in_words(self._limits.file_bytes)}", _LEAVE_OUT)
        if self.total_bytes > self._limits.total_bytes:
            text = f"The archive unpacks to more than {in_words(self._limits.total_bytes)} (at {shown(name)!r})."
            raise refusal(text, "Leave out data; keep it in the target's share folder.")
        allowed = max(RATIO_FREE_BYTES, MAXIMUM_RATIO * self._archive_bytes)
        if self.total_bytes > allowed:
            raise entry_refusal(name, f"unpacks to more than {MAXIMUM_RATIO} times the size of the archive", _LEAVE_OUT)
