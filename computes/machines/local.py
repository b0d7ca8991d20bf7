"""LocalMachine: the machine that the server itself runs on."""

import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from computes.contract import CheckItem, Collected
from computes.errors import CollectionFailed, TargetError, TargetUnreachable
from computes.machines.collection import collect_tree
from computes.machines.contract import (
    BeforeStart,
    CollectionLimits,
    CommandResult,
    FileFacts,
    Owner,
    PlacedFile,
    PlacedRun,
)
from computes.machines.launcher import LAUNCHERS
from computes.machines.line_running import hand_over_lines
from computes.machines.linking import link_file
from computes.machines.os_errors import explain, overdue, unreadable, unusable_tar
from computes.machines.placing import before_start_in, place_folder, place_run
from computes.machines.sweeping import swept_bytes
from computes.supervisor import deeds
from computes.supervisor.account import account_environment, expand, find_program
from computes.supervisor.admission import admit
from computes.supervisor.long_programs import output_of
from computes.supervisor.look import status
from computes.supervisor.removal import clean_up, end_processes
from computes.supervisor.starting import before_start
from computes.supervisor.survey import survey
from computes.supervisor.sweeping import sweep
from computes.supervisor.unpacking import UnsafeTar, unpack


class LocalMachine:
    """This machine, under the account of the server."""

    is_here = True

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
            raise overdue(argv[0], deadline_seconds) from error
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
        try:
            code = hand_over_lines(output_of(argv, environment, deadline_seconds), on_line)
        except OSError as error:
            raise explain(error, f"run {argv[0]}") from error
        if code is None:
            raise overdue(argv[0], deadline_seconds)
        return code

    def look(self, run_folder: str) -> dict[str, Any]:
        """Look without a process of its own: the supervisor's code is ours too."""
        try:
            return status(run_folder)
        except OSError as error:
            raise unreadable(error) from error

    def before_start(
        self, work_folder: str, installation_id: str, run_folder: str, location: str, own: Sequence[str]
    ) -> BeforeStart | None:
        """Look without a process of its own."""
        try:
            return before_start_in(before_start(work_folder, installation_id, run_folder, location, own))
        except OSError as error:
            raise unreadable(error) from error

    def start_run(self, run: PlacedRun) -> dict[str, Any]:
        """Place it, then launch it."""
        place_run(self, run)
        return self.launch(run.run_folder)

    def launch(self, run_folder: str) -> dict[str, Any]:
        """Start a run that was placed: a process that has the supervisor loaded forks it."""
        return LAUNCHERS.start(self.interpreter(), run_folder)

    def admit(self, run_folder: str, placed: str, owner: Owner) -> dict[str, Any]:
        """Decide without a process of its own."""
        try:
            return admit(run_folder, placed, owner.user, owner.unprivileged, owner.kept, owner.readable)
        except OSError as error:
            raise explain(error, "admit the container") from error

    def clean_up(self, run_folder: str) -> dict[str, Any]:
        """Remove a run folder without a process of its own, which would cost more than the removal."""
        try:
            return clean_up(run_folder)
        except OSError as error:
            raise TargetError(
                f"The run folder could not be removed: {error.strerror} ({error.filename}).",
                "Let an administrator check the disk of the work folder; it is tried again by itself.",
            ) from error

    def end_processes(self, run_folder: str) -> int:
        """Look at the process table of this machine."""
        return end_processes(run_folder)

    def survey(self, work_folder: str, installation_id: str, seconds: float) -> dict[str, Any]:
        """Look without a process of its own."""
        try:
            return survey(work_folder, installation_id, seconds)
        except OSError as error:
            raise explain(error, "look through the work folder") from error

    def sweep(self, work_folder: str, older_than_seconds: float, most_bytes: int | None = None) -> int:
        """Remove old packages. Code is placed without a cache here; another account of ours may keep one over SSH."""
        try:
            return swept_bytes(sweep(work_folder, older_than_seconds, most_bytes))
        except OSError as error:
            raise explain(error, "clean the caches") from error

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
        except UnsafeTar as error:
            raise unusable_tar(error) from error

    def write(self, path: str, data: bytes) -> None:
        """Replace a file under a temporary name that begins with a dot and the file's stem."""
        try:
            deeds.write(path, data)
        except OSError as error:
            raise explain(error, f"write {Path(path).name}") from error

    def append_line(self, path: str, line: str) -> None:
        """Add a line with one write."""
        try:
            deeds.append_line(path, f"{line}\n".encode())
        except OSError as error:
            raise explain(error, f"write {path}") from error

    def read(self, path: str, offset: int, limit: int) -> bytes:
        """Read without following a link and without waiting at a pipe that the program may have put there."""
        try:
            return deeds.read(path, offset, limit)
        except OSError as error:
            raise TargetUnreachable(f"{path} cannot be read: {error.strerror}.", "Check the target's disk.") from error

    def stat(self, path: str) -> FileFacts | None:
        """Look at a path, links followed."""
        try:
            found = deeds.facts_of(path)
        except OSError as error:
            raise TargetUnreachable(f"{path} cannot be read: {error.strerror}.", "Check the target's disk.") from error
        return None if found is None else FileFacts(*found)

    def free_bytes(self, path: str) -> int:
        """Return what an ordinary account may still write."""
        try:
            return deeds.free_bytes(path)
        except OSError as error:
            raise explain(error, f"look at the disk of {path}") from error

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
