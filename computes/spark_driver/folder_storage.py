"""The shared storage as a folder that is mounted where the driver runs."""

import os
import shutil

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional


class FolderStorage:
    """Names are relative to the folder. What it raises is OSError; it says nothing about the run."""

    def __init__(self, path: str, file_mode: int = 0o600) -> None:
        self.path = path
        self.file_mode = file_mode

    def names(self, name: str) -> "List[str]":
        """Return what is in a folder; empty when it is not there."""
        try:
            return [found for found in os.listdir(os.path.join(self.path, name)) if not found.startswith(".")]
        except FileNotFoundError:
            return []

    def exists(self, name: str) -> bool:
        """Whether something has this name."""
        try:
            os.lstat(os.path.join(self.path, name))
        except FileNotFoundError:
            return False
        return True

    def read(self, name: str) -> "Optional[bytes]":
        """Return a small file, None when it is not there."""
        try:
            with open(os.path.join(self.path, name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def fetch(self, name: str, local: str) -> None:
        """Copy a file to a local path."""
        shutil.copyfile(os.path.join(self.path, name), local)

    def claim(self, name: str, data: bytes) -> bool:
        """Make a file that nobody has made yet; False when somebody has."""
        path = os.path.join(self.path, name)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, self.file_mode)
        except FileExistsError:
            return False
        with open(descriptor, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), self.file_mode)
        return True

    def place(self, local: str, name: str) -> None:
        """Copy a local file to a name, under which it appears whole."""
        path = os.path.join(self.path, name)
        folder, last = os.path.split(path)
        temporary = os.path.join(folder, ".%s.%d.tmp" % (last, os.getpid()))
        self.make_folder(os.path.dirname(name))
        shutil.copyfile(local, temporary)
        os.chmod(temporary, self.file_mode)
        os.rename(temporary, path)

    def remove(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""
        try:
            os.unlink(os.path.join(self.path, name))
        except FileNotFoundError:
            return

    def make_folder(self, name: str) -> None:
        """Make a folder below one of ours, for those who may use that one; an existing one is left as it is."""
        path = os.path.join(self.path, name)
        if not os.path.isdir(path):
            os.makedirs(path, exist_ok=True)
            os.chmod(path, self.file_mode | (self.file_mode >> 2 & 0o111))
