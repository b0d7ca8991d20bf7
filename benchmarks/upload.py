"""100 MB in 2,000 files to a host over SSH: for the first time, and after five of them have changed."""

import random
import shlex
import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from benchmarks.bare import OpenSsh, seconds_of, warm_ssh
from benchmarks.figures import Figure, median
from computes.machines.contract import PlacedFile
from computes.machines.ssh import SshMachine
from computes.machines.ssh.pool import POOL
from tests.stack.sshd import Sshd, sshd

FILES = 2_000
FILE_BYTES = 52_429
CHANGED = 5
ROUNDS = 5


class Project:
    """A folder of files that do not compress, and what a snapshot knows of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.random = random.Random(1)
        self.files = [self.write(number) for number in range(FILES)]

    def write(self, number: int) -> PlacedFile:
        """Write a file anew."""
        name = f"folder{number % 40}/file{number}.bin"
        path, data = self.folder / name, self.random.randbytes(FILE_BYTES)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return PlacedFile(name, 0o644, path, sha256(data).hexdigest())

    def change(self) -> None:
        """Write five files anew."""
        for number in self.random.sample(range(FILES), CHANGED):
            self.files[number] = self.write(number)


def timed(deed: Callable[[], object]) -> float:
    """Return how long a deed takes, in seconds."""
    began = perf_counter()
    deed()
    return perf_counter() - began


class Round:
    """One upload by each way into folders of its own. Nothing is removed meanwhile: that would slow the next one."""

    def __init__(self, project: Project, folder: Path, machine: SshMachine, ssh: OpenSsh) -> None:
        self.project, self.folder, self.machine, self.ssh = project, folder, machine, ssh
        for name in ("ours", "tar", "rsync", "new"):
            (folder / name).mkdir(parents=True)
        (folder / "ours" / ".amlweb").touch()

    def ours(self, name: str) -> float:
        """Place a run's code."""
        path = f"{self.folder}/ours/{name}"
        return timed(lambda: self.machine.place_folder(path, self.project.files, ()))

    def tar(self) -> float:
        """Send a tar."""
        there = shlex.join(self.ssh.argv("tar", "-C", f"{self.folder}/tar", "-xf", "-"))
        return seconds_of(f"tar -C {self.project.folder} -cf - . | {there}")

    def rsync(self, into: str, *options: str) -> float:
        """Have rsync find out what has changed."""
        way = ["rsync", "-a", *options, "-e", self.ssh.shell()]
        return seconds_of(
            shlex.join([*way, f"{self.project.folder}/", f"{self.ssh.destination}:{self.folder}/{into}/"])
        )


def measure() -> list[Figure]:
    """Measure all ways in turns and return the rows."""
    with tempfile.TemporaryDirectory() as folder, sshd() as host:
        times = compare(Path(folder), host)
    middle = {name: median(values) for name, values in times.items()}
    first, tar, again, rsync = middle["first"], middle["tar"], middle["again"], middle["rsync"]
    new = middle["rsync to a new folder"]
    return [
        Figure(
            "100 MB in 2,000 files over SSH, first upload",
            f"{first:.2f} s ({first / tar:.2f} ×)",
            f"{tar:.2f} s (tar over ssh)",
            "≤ 1.2 ×",
            first <= 1.2 * tar,
        ),
        Figure(
            "the same, 5 files changed",
            f"{again:.2f} s",
            f"{rsync:.2f} s (rsync in place), {new:.2f} s (rsync to a new folder)",
            "≤ rsync",
            again <= rsync,
        ),
    ]


def compare(folder: Path, host: Sshd) -> dict[str, list[float]]:
    """Return the seconds of each way, over all rounds."""
    project = Project(folder / "project")
    times: dict[str, list[float]] = defaultdict(list)
    machine = SshMachine(host.access)
    with warm_ssh(host) as ssh, ExitStack() as stack:
        stack.callback(POOL.close_all)
        machine.hello()
        for number in range(ROUNDS):
            turn = Round(project, folder / str(number), machine, ssh)
            times["tar"].append(turn.tar())
            times["first"].append(turn.ours("one"))
            turn.rsync("rsync")
            project.change()
            times["rsync to a new folder"].append(turn.rsync("new", f"--copy-dest={turn.folder}/rsync"))
            times["again"].append(turn.ours("two"))
            times["rsync"].append(turn.rsync("rsync"))
    return times
