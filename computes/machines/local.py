"""LocalMachine: the machine that the server itself runs on."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from computes.contract import CheckItem, Collected
from computes.errors import CollectionFailed, TargetError, TargetUnreachable
from computes.machines.collection import collect_tree
from computes.machines.contract import CollectionLimits, CommandResult, FileFacts, PlacedFile
from computes.machines.line_running import run_lines
from computes.machines.linking import link_file
from computes.machines.os_errors import explain
from computes.machines.placing import place_folder
from computes.machines.unpacking import unpack
from computes.supervisor.account import account_environment, expand, find_program
from computes.supervisor.look import status
from computes.supervisor.removal import clean_up

ORDINARY = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class LocalMachine:
    """This machine, under the account of the server."""

    def check_contact(self) -> Generator[CheckItem, None, bool]:
        """There is no way to go."""
        yield from ()
        return True

    def interpreter(self) -> str:
        """The server's own Python."""
        return sys.executable

    def environment(self) -> dict[str, str]:
        """An allow-list of the server's variables; never the rest, which holds its secrets."""
        return account_environment()

    def expand(self, path: str) -> str:
        """Relative paths are not paths of a target; they are left as they are."""
        return expand(path)

    def find_program(self, location: str) -> str | None:
        """A name is looked up in PATH; a path must be absolute or begin with `~`."""
        return find_program(location)

    def run(self, argv: Sequence[str], *, environment: Mapping[str, str], deadline_seconds: float) -> CommandResult:
        """Run a command in the root folder, without a terminal and with exactly this environment."""
        try:
            done = subprocess.run(
                list(argv),
                env=dict(environment),
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=deadline_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TargetUnreachable(
                f"{argv[0]} did not answer within {deadline_seconds:g} s.",
                "The machine may be overloaded or a disk may hang; the command is tried again.",
            ) from error
        except OSError as error:
            raise explain(error, f"run {argv[0]}") from error
        return CommandResult(done.returncode, done.stdout, done.stderr)

    def run_lines(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        on_line: Callable[[str], None],
        deadline_seconds: float,
    ) -> int:
        """Run a command in the root folder, in a process group of its own."""
        return run_lines(argv, environment, on_line, deadline_seconds)

    def look(self, run_folder: str) -> dict[str, Any]:
        """Look without a process of its own: the supervisor's code is ours too."""
        try:
            return status(run_folder)
        except OSError as error:
            raise TargetUnreachable(
                f"The run folder cannot be read: {error.strerror} ({error.filename}).",
                "Let an administrator check the disk of the work folder.",
            ) from error

    def clean_up(self, run_folder: str) -> dict[str, Any]:
        """Remove a run folder without a process of its own, which would cost more than the removal."""
        try:
            return clean_up(run_folder)
        except OSError as error:
            raise TargetError(
                f"The run folder could not be removed: {error.strerror} ({error.filename}).",
                "Let an administrator check the disk of the work folder; it is tried again by itself.",
            ) from error

    def make_folder(self, path: str) -> None:
        """Make a folder and its parents."""
        try:
            Path(path).mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise explain(error, f"make the folder {path}") from error

    def place_folder(self, path: str, files: Iterable[PlacedFile], folders: Sequence[str] = ()) -> bool:
        """Place a folder whole."""
        try:
            return place_folder(Path(path), files, folders)
        except OSError as error:
            raise explain(error, "place the code") from error

    def unpack(self, path: str, tar: Iterator[bytes]) -> None:
        """Unpack without a process of its own."""
        try:
            unpack(path, tar)
        except OSError as error:
            raise explain(error, "unpack the files") from error

    def write(self, path: str, data: bytes) -> None:
        """Replace a file under a temporary name that begins with a dot and the file's stem."""
        target = Path(path)
        temporary = target.with_name(f".{target.name}-{os.urandom(8).hex()}.tmp")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file:
                file.write(data)
            temporary.replace(target)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise explain(error, f"write {target.name}") from error

    def append_line(self, path: str, line: str) -> None:
        """Add a line with one write."""
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            with open(descriptor, "ab", buffering=0) as file:
                file.write(f"{line}\n".encode())
        except OSError as error:
            raise explain(error, f"write {path}") from error

    def read(self, path: str, offset: int, limit: int) -> bytes:
        """Read without following a link and without waiting at a pipe that the program may have put there."""
        try:
            descriptor = os.open(path, ORDINARY)
        except OSError as error:
            if isinstance(error, FileNotFoundError) or Path(path).is_symlink():
                return b""
            raise TargetUnreachable(f"{path} cannot be read: {error.strerror}.", "Check the target's disk.") from error
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return b""
            return os.pread(descriptor, limit, offset)
        except OSError as error:
            raise TargetUnreachable(f"{path} cannot be read: {error.strerror}.", "Check the target's disk.") from error
        finally:
            os.close(descriptor)

    def stat(self, path: str) -> FileFacts | None:
        """Look at a path, links followed."""
        try:
            facts = os.stat(path)  # noqa: PTH116 - asked often
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise TargetUnreachable(f"{path} cannot be read: {error.strerror}.", "Check the target's disk.") from error
        mode = facts.st_mode
        return FileFacts(facts.st_size, stat.S_ISREG(mode), stat.S_ISDIR(mode), facts.st_mtime_ns)

    def free_bytes(self, path: str) -> int:
        """Return what an ordinary account may still write."""
        try:
            disk = os.statvfs(path)
        except OSError as error:
            raise explain(error, f"look at the disk of {path}") from error
        return disk.f_bavail * disk.f_frsize

    def link(self, path: str, into: Path) -> bool:
        """Hard-link where disk and owner are the same."""
        return link_file(Path(path), into)

    def download_tree(self, path: str, into: Path, limits: CollectionLimits) -> list[Collected]:
        """Copy on this machine."""
        try:
            return collect_tree(path, into, limits)
        except OSError as error:
            raise CollectionFailed(
                f"The outputs could not be copied: {error.strerror} ({error.filename}).",
                "Free disk space in the server's data folder; the outputs stay on the target and are fetched again.",
            ) from error
