"""The storage of one run as the head node reaches it. What fails raises OSError and says nothing about the run."""

import os
import shutil
from urllib.parse import unquote, urlsplit

from .commands import CommandFailed, Commands

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Sequence, Union

    Storage = Union["HdfsStorage", "MountedStorage"]

LOOK_SECONDS = 60.0
CARRY_SECONDS = 1800.0
PRIVATE = "fs.permissions.umask-mode=077"
ABSENT = "No such file or directory"


def storage_of(uri: str, name: str, commands: Commands) -> "Storage":
    """Return the storage of a run: a mounted folder for file:, else what the hdfs command reaches."""
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return MountedStorage(unquote(parts.path).rstrip("/"), name, commands.folder)
    return HdfsStorage(uri.rstrip("/"), name, commands)


class HdfsStorage:
    """Behind `hdfs dfs`. Each command starts a Java, which takes seconds: so one lists all, and one reads many.

    Local files are named relative to the commands' folder: Hadoop takes them for URIs, where a blank is an error.
    """

    def __init__(self, uri: str, name: str, commands: Commands) -> None:
        self.name = name
        self.address = "%s/runs/%s" % (uri, name)
        self.commands = commands
        self.program = shutil.which("hdfs", path=commands.environment.get("PATH")) or "hdfs"

    def ask(self, arguments: "Sequence[str]", seconds: float = LOOK_SECONDS, given: bytes = b"") -> bytes:
        """Return what a command of the file system prints."""
        return self.commands.output([self.program, "dfs", "-D", PRIVATE, *arguments], seconds, given)

    def make(self) -> None:
        """Make the run's folder, for this account alone; it may be there."""
        self.ask(["-mkdir", "-p", self.address])

    def place(self, files: "Sequence[str]") -> None:
        """Put local files there; it may be done again. One command."""
        self.ask(["-put", "-f", *files, self.address], CARRY_SECONDS)

    def hand(self, name: str, data: bytes) -> None:
        """Put a small file there that is in no local file, before anybody reads it; it may be done again."""
        self.ask(["-put", "-f", "-", "%s/%s" % (self.address, name)], given=data)

    def names(self) -> "list[str]":
        """Return the names of all files, folders and what is half written left out. One command.

        Raises FileNotFoundError where the run has no folder.
        """
        try:
            listed = self.ask(["-ls", "-R", self.address]).decode("utf-8", "replace")
        except CommandFailed as error:
            if ABSENT in error.said:
                raise FileNotFoundError(str(error)) from error
            raise
        mark = "/runs/%s/" % self.name
        lines = [line for line in listed.splitlines() if mark in line and not line.startswith("d")]
        names = [line.rsplit(mark, 1)[1] for line in lines]
        return [name for name in names if not name.rsplit("/", 1)[-1].startswith(".")]

    def read(self, names: "Sequence[str]") -> bytes:
        """Return some files one after the other. One command."""
        return self.ask(["-cat"] + ["%s/%s" % (self.address, name) for name in names], CARRY_SECONDS)

    def write(self, name: str, data: bytes) -> None:
        """Make a file that appears whole."""
        temporary = "%s/.%s.tmp" % (self.address, name)
        self.ask(["-put", "-f", "-", temporary], given=data)
        self.ask(["-mv", temporary, "%s/%s" % (self.address, name)])

    def fetch(self, names: "Sequence[str]", folder: str) -> None:
        """Copy files and folders into an empty local folder. One command."""
        self.ask(["-get"] + ["%s/%s" % (self.address, name) for name in names] + [folder], CARRY_SECONDS)

    def remove(self, name: str = "") -> None:
        """Remove the run's folder or what is in it; what is not there is no error."""
        try:
            self.ask(["-rm", "-r", "-f", "-skipTrash", "%s/%s" % (self.address, name) if name else self.address])
        except CommandFailed as error:
            if ABSENT not in error.said:
                raise


class MountedStorage:
    """A folder that is mounted on the head node and on every node at the same place."""

    def __init__(self, root: str, name: str, local: str) -> None:
        self.path = self.address = os.path.join(root, "runs", name)
        self.local = local

    def make(self) -> None:
        """Make the run's folder, for this account alone; it may be there."""
        os.makedirs(os.path.dirname(self.path), 0o700, exist_ok=True)
        os.makedirs(self.path, 0o700, exist_ok=True)

    def place(self, files: "Sequence[str]") -> None:
        """Copy local files there; it may be done again."""
        for name in files:
            target = os.path.join(self.path, os.path.basename(name))
            shutil.copyfile(os.path.join(self.local, name), target)
            os.chmod(target, 0o600)

    def hand(self, name: str, data: bytes) -> None:
        """Put a small file there that is in no local file; it may be done again."""
        self.write(name, data)

    def names(self) -> "list[str]":
        """Return the names of all files, what is half written left out. Raises FileNotFoundError where the run has no
        folder."""
        if not os.path.isdir(self.path):
            raise FileNotFoundError("%s is not there: is the storage mounted?" % self.path)
        found = []
        for parent, _, files in os.walk(self.path):
            place = os.path.relpath(parent, self.path)
            found += [os.path.normpath(os.path.join(place, name)) for name in files if not name.startswith(".")]
        return found

    def read(self, names: "Sequence[str]") -> bytes:
        """Return some files one after the other."""
        pieces = []
        for name in names:
            with open(os.path.join(self.path, name), "rb") as file:
                pieces.append(file.read())
        return b"".join(pieces)

    def write(self, name: str, data: bytes) -> None:
        """Make a file that appears whole."""
        temporary = os.path.join(self.path, ".%s.tmp" % name)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
        os.rename(temporary, os.path.join(self.path, name))

    def fetch(self, names: "Sequence[str]", folder: str) -> None:
        """Copy files and folders into an empty local folder."""
        for name in names:
            source, into = os.path.join(self.path, name), os.path.join(self.local, folder, name)
            if os.path.isdir(source):
                shutil.copytree(source, into, symlinks=True)
            else:
                shutil.copyfile(source, into)

    def remove(self, name: str = "") -> None:
        """Remove the run's folder or what is in it; what is not there is no error."""
        path = os.path.join(self.path, name) if name else self.path
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.unlink(path)
