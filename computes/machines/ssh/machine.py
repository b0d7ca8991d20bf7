"""SshMachine: a host that is reached over SSH. No Docker, no sudo, no SFTP: Python 3.6 for the supervisor is enough."""

import contextlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from computes.contract import CheckItem, Collected, SshAccess
from computes.errors import TargetError, TargetUnreachable
from computes.machines.contract import (
    BeforeStart,
    CollectionLimits,
    CommandResult,
    FileFacts,
    Owner,
    PlacedFile,
    PlacedRun,
)
from computes.machines.os_errors import explain, overdue, unreadable, unusable_tar
from computes.machines.placing import before_start_in
from computes.machines.ssh.agent import Agent, ContactLost, Header, without_trouble
from computes.machines.ssh.contact import check_contact
from computes.machines.ssh.crew import Crew
from computes.machines.ssh.download import collect
from computes.machines.ssh.long_deeds import run_lines, unpack
from computes.machines.ssh.looks import Looks
from computes.machines.ssh.pool import PooledRoute, Route
from computes.machines.ssh.upload import place, start_run
from computes.machines.sweeping import swept_bytes

ANSWER_SECONDS = 15.0
REMOVAL_SECONDS = 900.0
VERB_SECONDS = 60.0
RUN_MARGIN_SECONDS = 10.0
SURVEY_MARGIN_SECONDS = 25.0
T = TypeVar("T")


class ServedMachine:
    """A machine on which supervisors serve us, over whatever route."""

    is_here = False

    def __init__(self, route: Route, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.route = route
        self.answer_seconds = answer_seconds
        self.looks = Looks(self.look_at)

    def check_contact(self) -> Generator[CheckItem, None, bool]:
        """The route alone knows the way."""
        yield from ()
        return True

    def interpreter(self) -> str:
        """The Python that was found there for the supervisor."""
        return str(self.hello()["interpreter"])

    def environment(self) -> dict[str, str]:
        """An allow-list of what the account's session has."""
        return dict(self.hello()["environment"])

    def expand(self, path: str) -> str:
        """Replace `~` by the home there."""
        return f"{self.hello()['home']}{path[1:]}" if path == "~" or path.startswith("~/") else path

    def find_program(self, location: str) -> str | None:
        """Look it up there."""
        found = self.ask({"deed": "program", "location": location})[0]["answer"]
        return None if found is None else str(found)

    def run(self, argv: Sequence[str], *, environment: Mapping[str, str], deadline_seconds: float) -> CommandResult:
        """Run a command in the root folder, without a terminal and with exactly this environment."""
        self.looks.forget()
        request = {"deed": "run", "argv": list(argv), "environment": dict(environment), "seconds": deadline_seconds}
        try:
            answer, data = self.work(lambda agent: agent.ask(request, seconds=deadline_seconds + RUN_MARGIN_SECONDS))
        except OSError as error:
            raise explain(error, f"run {argv[0]}") from error
        finally:
            self.looks.forget()
        if answer.get("late"):
            raise overdue(argv[0], deadline_seconds)
        return CommandResult(answer["code"], data[: answer["output_bytes"]], data[answer["output_bytes"] :])

    def run_lines(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        on_line: Callable[[str], None],
        deadline_seconds: float,
    ) -> int:
        """Run a command in the root folder, in a process group of its own. It ends with the connection."""
        deed = f"run {argv[0]}"
        code = self.work_at(deed, lambda agent: run_lines(agent, argv, environment, on_line, deadline_seconds))
        if code is None:
            raise overdue(argv[0], deadline_seconds)
        return code

    def look(self, run_folder: str) -> dict[str, Any]:
        """Look in one round trip for all folders that are looked at. ValueError where a script wrote over records."""
        try:
            return without_trouble(self.looks.at(run_folder))
        except OSError as error:
            raise unreadable(error) from error

    def look_at(self, folders: list[str]) -> list[dict[str, Any]]:
        """Return the status of each folder, or the trouble with it."""
        return list(self.ask({"deed": "look", "folders": folders})[0]["found"])

    def before_start(
        self, work_folder: str, installation_id: str, run_folder: str, location: str, own: Sequence[str]
    ) -> BeforeStart | None:
        """Look in one round trip."""
        request = {"deed": "before_start", "work": work_folder, "installation": installation_id, "folder": run_folder}
        try:
            found, _ = self.ask_or_refuse({**request, "location": location, "own": list(own)})
        except OSError as error:
            raise unreadable(error) from error
        return before_start_in(found["answer"])

    def start_run(self, run: PlacedRun) -> dict[str, Any]:
        """Start in one round trip, or two where contents are missing; the serving process forks the supervisor."""
        self.looks.forget()
        try:
            return self.work_at("place and start the run", lambda agent: start_run(agent, run))
        finally:
            self.looks.forget()

    def admit(self, run_folder: str, placed: str, owner: Owner) -> dict[str, Any]:
        """Decide in one round trip."""
        self.looks.forget()
        request = {"deed": "admit", "folder": run_folder, "placed": placed, "owner": asdict(owner)}
        try:
            return self.ask_at_leisure(request, VERB_SECONDS, "admit the container")
        finally:
            self.looks.forget()

    def clean_up(self, run_folder: str) -> dict[str, Any]:
        """Remove a run folder; it may hold millions of files."""
        self.looks.forget()
        try:
            request = {"deed": "clean_up", "folder": run_folder}
            return self.work(lambda agent: agent.ask(request, seconds=REMOVAL_SECONDS))[0]
        except OSError as error:
            raise TargetError(
                f"The run folder could not be removed: {error.strerror} ({error.filename}).",
                "Let an administrator check the disk of the work folder; it is tried again by itself.",
            ) from error

    def end_processes(self, run_folder: str) -> int:
        """Look at the process table there."""
        return int(self.ask({"deed": "end_processes", "folder": run_folder})[0]["answer"])

    def make_folder(self, path: str) -> None:
        """Make a folder and its parents."""
        self.change({"deed": "make_folder", "path": path}, f"make the folder {path}")

    def place_folder(self, path: str, files: Iterable[PlacedFile], folders: Sequence[str] = ()) -> bool:
        """Place a folder whole; only contents that are not there yet are sent."""
        kept = list(files)
        return self.work_at("place the code", lambda agent: place(agent, path, kept, folders))

    def unpack(self, path: str, tar: Iterator[bytes]) -> None:
        """Send the tar and unpack it there."""
        try:
            self.work_at("unpack the files", lambda agent: unpack(agent, path, tar))
        except ValueError as error:
            raise unusable_tar(error) from error

    def write(self, path: str, data: bytes) -> None:
        """Replace a file under a temporary name that begins with a dot and the file's name."""
        self.change({"deed": "write", "path": path}, f"write {path.rpartition('/')[2]}", data)

    def append_line(self, path: str, line: str) -> None:
        """Add a line with one write."""
        request, data = {"deed": "append", "path": path}, f"{line}\n".encode()
        try:
            self.with_crew(lambda crew: crew.ask(request, data, self.answer_seconds), once=True)
        except OSError as error:
            raise explain(error, f"write {path}") from error

    def read(self, path: str, offset: int, limit: int) -> bytes:
        """Read without following a link and without waiting at a pipe."""
        request = {"deed": "read", "path": path, "offset": offset, "limit": limit}
        return self.ask(request, path)[1]

    def stat(self, path: str) -> FileFacts | None:
        """Look at a path, links followed."""
        found = self.ask({"deed": "facts", "path": path}, path)[0]["answer"]
        return None if found is None else FileFacts(*found)

    def free_bytes(self, path: str) -> int:
        """Return what an ordinary account may still write."""
        try:
            return int(self.ask_or_refuse({"deed": "free_bytes", "path": path})[0]["answer"])
        except OSError as error:
            raise explain(error, f"look at the disk of {path}") from error

    def link(self, path: str, into: Path) -> bool:
        """Another machine's file cannot have a name here."""
        return False

    def download_tree(self, path: str, into: Path, limits: CollectionLimits) -> list[Collected]:
        """Copy what the walk there lets through."""
        return self.work(lambda agent: collect(agent, path, into, limits))

    def sweep(self, work_folder: str, older_than_seconds: float, most_bytes: int | None = None) -> int:
        """Clean the caches in one round trip."""
        request = {"deed": "sweep", "work": work_folder, "seconds": older_than_seconds, "most_bytes": most_bytes}
        return swept_bytes(self.ask_at_leisure(request, REMOVAL_SECONDS, "clean the caches"))

    def survey(self, work_folder: str, installation_id: str, seconds: float) -> dict[str, Any]:
        """Look in one round trip."""
        request = {"deed": "survey", "work": work_folder, "installation": installation_id, "seconds": seconds}
        return self.ask_at_leisure(request, seconds + SURVEY_MARGIN_SECONDS, "look through the work folder")

    def ask_at_leisure(self, request: Header, seconds: float, deed: str) -> Header:
        """Ask something that takes its time. Raises TargetError in the words of the deed."""
        return self.work_at(deed, lambda agent: agent.ask(request, seconds=seconds))[0]

    def hello(self) -> Header:
        """Return what the host says of itself, asked once for each connection."""
        return self.with_crew(lambda crew: crew.hello(self.answer_seconds))

    def ask(self, request: Header, path: str = "") -> tuple[Header, bytes]:
        """Ask something that changes nothing. Raises TargetUnreachable."""
        try:
            return self.ask_or_refuse(request)
        except OSError as error:
            raise TargetUnreachable(
                f"{path or error.filename} cannot be read: {error.strerror}.", "Check the target's disk."
            ) from error

    def change(self, request: Header, deed: str, data: bytes = b"") -> None:
        """Ask for a small change. Raises TargetError in the words of the deed."""
        try:
            self.ask_or_refuse(request, data)
        except OSError as error:
            raise explain(error, deed) from error

    def ask_or_refuse(self, request: Header, data: bytes = b"") -> tuple[Header, bytes]:
        """Ask a quick question, a second time if need be. Raises OSError for what the host's system refused."""
        return self.with_crew(lambda crew: crew.ask(request, data, self.answer_seconds))

    def work_at(self, words: str, deed: Callable[[Agent], T]) -> T:
        """Do something that takes its time. Raises TargetError, in words of the deed for what the system refused."""
        try:
            return self.work(deed)
        except OSError as error:
            raise explain(error, words) from error

    def work(self, deed: Callable[[Agent], T]) -> T:
        """Do something that takes its time with an agent of our own. Raises what the deed raises.

        When that agent falls silent, the one for quick questions is asked whether the whole host does.
        """
        crew = self.route.crew()
        try:
            with crew.worker() as agent:
                return deed(agent)
        except ContactLost:
            with contextlib.suppress(TargetUnreachable):
                self.ask({"deed": "hello"})
            raise

    def with_crew(self, deed: Callable[[Crew], T], *, once: bool = False) -> T:
        """Do something that may be done twice, unless `once`: what broke since its last use is replaced at once.

        A connection that is silent is given up, but nobody waits for it a second time.
        """
        crew = self.route.crew()
        try:
            return deed(crew)
        except ContactLost as lost:
            if lost.is_late:
                self.route.drop(crew)
            if lost.is_late or once:
                raise
        crew = self.route.crew()
        try:
            return deed(crew)
        except ContactLost:
            self.route.drop(crew)
            raise


class SshMachine(ServedMachine):
    """A host over SSH, as the account that `access` logs in with."""

    def __init__(self, access: SshAccess, answer_seconds: float = ANSWER_SECONDS) -> None:
        super().__init__(PooledRoute(access), answer_seconds)
        self.access = access

    def check_contact(self) -> Generator[CheckItem, None, bool]:
        """Go the whole way anew."""
        return check_contact(self.access)
