"""A machine: the few things that executors need of the host that they run programs on.

Plain Python, no Django. Paths are absolute paths of that machine, times seconds, sizes bytes. What fails raises
`computes.errors.TargetError`; TargetUnreachable means that nothing is known.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from computes.contract import CheckItem, Collected


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended and what it wrote."""

    code: int
    output: bytes
    errors: bytes


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a look at a path says, links followed. `is_folder` and `is_file` are False for devices and pipes."""

    size: int
    is_file: bool
    is_folder: bool
    modified_ns: int


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """One file to place: its relative POSIX path, mode and content, which is a file of the server or bytes.

    `sha256` of the content is empty where it is not known yet.
    """

    path: str
    mode: int
    content: Path | bytes
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class BeforeStart:
    """What the start of a run has to know of its target. `status` is the supervisor's of the run folder; `program` the
    interpreter's path, None where there is none; `has_own` whether the folders of our own code are there.
    """

    status: dict[str, Any]
    program: str | None
    has_own: bool
    free_bytes: int


@dataclass(frozen=True, slots=True)
class PlacedRun:
    """All that a run folder holds at the start: the code, and the records beside it by their names."""

    run_folder: str
    code: Iterable[PlacedFile]
    records: Mapping[str, bytes]
    folders: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Owner:
    """Who gets a run folder: "UID:GID", or empty for the present owner, and whom to take where that is root.

    `kept` are folders that it gets as well, `readable` those of our code that everybody may read then.
    """

    user: str
    unprivileged: str
    kept: Sequence[str] = ()
    readable: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CollectionLimits:
    """How much of `outputs/` is brought back."""

    files: int = 20_000
    file_bytes: int = 20 * 1024**3
    total_bytes: int = 100 * 1024**3


class Machine(Protocol):
    """A host that runs commands."""

    is_here: bool  # whether its files are those of the server's own machine, under the server's own account

    def check_contact(self) -> Generator[CheckItem, None, bool]:
        """Yield each step of the way to the host; return False where it ends before commands can be run there."""

    def interpreter(self) -> str:
        """Return the Python that the supervisor runs under."""

    def environment(self) -> dict[str, str]:
        """Return the variables that every program there may see: an allow-list of the account's own."""

    def expand(self, path: str) -> str:
        """Return a path with `~` replaced by the account's home."""

    def find_program(self, location: str) -> str | None:
        """Return the absolute path of a program found through PATH, `~` or an absolute path; None when not there."""

    def run(self, argv: Sequence[str], *, environment: Mapping[str, str], deadline_seconds: float) -> CommandResult:
        """Run a command to its end. Raises TargetUnreachable at the deadline."""

    def run_lines(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        on_line: Callable[[str], None],
        deadline_seconds: float,
    ) -> int:
        """Run a long command, hand over each line of both its streams without its end, and return its exit code.

        What `on_line` raises ends the command and is passed on; when that is not possible, the command's output is
        closed, which is a sign to it. Raises TargetUnreachable at the deadline.
        """

    def look(self, run_folder: str) -> dict[str, Any]:
        """Return the supervisor's status of a run folder. Cheap: asked many times a second."""

    def before_start(
        self, work_folder: str, installation_id: str, run_folder: str, location: str, own: Sequence[str]
    ) -> BeforeStart | None:
        """Look at all that a start depends on at once; None where the work folder does not carry our mark."""

    def start_run(self, run: PlacedRun) -> dict[str, Any]:
        """Place a run and return the supervisor's answer to its start. Raises TargetError; what broke off may have
        started the run, and the next start finds it."""

    def admit(self, run_folder: str, placed: str, owner: Owner) -> dict[str, Any]:
        """Return the supervisor's answer to the admission of a container: see `computes.supervisor.admission`."""

    def clean_up(self, run_folder: str) -> dict[str, Any]:
        """Return the supervisor's answer to clean_up: clean, alive or busy. Raises TargetError."""

    def end_processes(self, run_folder: str) -> int:
        """Kill what carries the mark of a run that was cleaned up, and return how many processes there were."""

    def survey(self, work_folder: str, installation_id: str, seconds: float) -> dict[str, Any]:
        """Return what an installation keeps in a work folder and which processes are its runs'; see
        `computes.supervisor.survey`. Sizes are measured for so many seconds. Raises TargetError."""

    def sweep(self, work_folder: str, older_than_seconds: float, most_bytes: int | None = None) -> int:
        """Remove cached contents and packages of Spark that nobody has wanted for so long, at least a day, then those
        unwanted for longest until the rest is small enough; return the bytes that are free now. Raises TargetError
        while code is being placed."""

    def make_folder(self, path: str) -> None:
        """Make a folder and its parents with mode 0700; an existing one is left as it is."""

    def place_folder(self, path: str, files: Iterable[PlacedFile], folders: Sequence[str] = ()) -> bool:
        """Make a folder with these files and empty folders, whole or not at all; False when it was already there."""

    def unpack(self, path: str, tar: Iterator[bytes]) -> None:
        """Unpack an uncompressed tar into a folder that is there; what the iterator raises is passed on.

        Modes and times are those of the tar, the owner is the account.
        """

    def write(self, path: str, data: bytes) -> None:
        """Replace a file whole, mode 0600."""

    def append_line(self, path: str, line: str) -> None:
        """Add a line to a file that several processes may add to."""

    def read(self, path: str, offset: int, limit: int) -> bytes:
        """Return at most `limit` bytes from an offset; empty at the end and when there is no ordinary file."""

    def stat(self, path: str) -> FileFacts | None:
        """Return what a path is, None when it is not there."""

    def free_bytes(self, path: str) -> int:
        """Return the free space of the disk that a folder is on."""

    def link(self, path: str, into: Path) -> bool:
        """Hard-link a file to a path of the server where that is possible."""

    def download_tree(self, path: str, into: Path, limits: CollectionLimits) -> list[Collected]:
        """Copy the ordinary files below a folder; all else is listed with the reason why it was left."""
