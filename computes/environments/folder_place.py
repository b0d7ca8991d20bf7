"""Prefixes in the work folder of a machine: `<work folder>/env/<hash>`, built for that very path.

`env/.states/<hash>` says what a prefix is: one line, "building" or "complete", the installation's id, and the token of
the build. A prefix without such a line that says "complete" is not there. `<work folder>/.amlweb` is the mark of
`computes.work_folder`: without it the disk may not be mounted.
"""

import secrets
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from computes.contract import TargetSettings
from computes.environments.contract import LogLine, PlaceRun, Platform
from computes.environments.cuda import cuda_of
from computes.environments.platform_probe import measure_platform
from computes.environments.stopping import ShouldStop, never
from computes.errors import PreparationFailed, TargetError
from computes.machines.contract import Machine
from computes.work_folder import HEXADECIMAL, WorkFolder

DEADLINE_SECONDS = 60.0
REMOVE_SECONDS = 900.0
LARGEST_FILE_BYTES = 64 << 20
KEPT_LINES = 200


class FolderPlace:
    """Where prefixes are kept on one machine, for one installation. `said_cuda` is taken instead of what its driver
    says. Raises TargetError."""

    def __init__(self, machine: Machine, work_folder: str, installation_id: str, said_cuda: str | None = None) -> None:
        self.machine = machine
        self.said_cuda = said_cuda
        self.installation_id = installation_id
        self.work_folder = WorkFolder(machine, TargetSettings(name="", kind="", work_folder=work_folder))
        self.folder = f"{self.work_folder.path}/env"
        self.tokens: dict[str, str] = {}

    def make_ready(self, log: LogLine, should_stop: ShouldStop = never) -> None:
        """The machine is all that is needed."""

    def platform(self) -> Platform:
        """Measure by running `uname`, `getconf`, `cat` and `nvidia-smi` there."""
        platform = measure_platform(lambda argv: self._output(argv, DEADLINE_SECONDS))
        return replace(platform, cuda=cuda_of(self.machine, self.said_cuda))

    def prefix_of(self, hash: str) -> str:
        """The path is the same for programs and for us."""
        if not HEXADECIMAL.fullmatch(hash):
            raise ValueError("hashes are lowercase hexadecimal")
        return f"{self.folder}/{hash}"

    def is_complete(self, hash: str) -> bool:
        """Look at the line and at the folder."""
        found = self.machine.stat(self.prefix_of(hash))
        return self._state(hash)[:1] == ["complete"] and found is not None and found.is_folder

    def begin(self, hash: str) -> None:
        """Note that it is being built, and remove what is there."""
        self.work_folder.open(self.installation_id)
        self.machine.make_folder(f"{self.folder}/.states")
        token = secrets.token_hex(8)
        self._note(hash, "building", token)
        self._remove_tree(hash)
        self.machine.make_folder(self.prefix_of(hash))
        self.tokens[hash] = token

    def folder_here(self, hash: str) -> Path | None:
        """The prefix itself, on the server's own machine."""
        self._require_ours(hash)
        return Path(self.prefix_of(hash)) if self.machine.is_here else None

    def unpack(self, hash: str, tar: Iterator[bytes]) -> None:
        """Unpack there."""
        self._require_ours(hash)
        self.machine.unpack(self.prefix_of(hash), tar)

    def run(
        self, hash: str, argv: Sequence[str], environment: Mapping[str, str], on_line: LogLine, deadline_seconds: float
    ) -> PlaceRun:
        """Run with the account's home and an ordinary PATH, nothing else of its environment."""
        account = self.machine.environment()
        base = {
            "PATH": f"{self.prefix_of(hash)}/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": account.get("HOME", "/"),
            "LANG": "C.UTF-8",
        }
        last: deque[str] = deque(maxlen=KEPT_LINES)

        def note(line: str) -> None:
            last.append(line)
            on_line(line)

        code = self.machine.run_lines(
            argv, environment={**base, **environment}, on_line=note, deadline_seconds=deadline_seconds
        )
        return PlaceRun(code, "\n".join(last))

    def put(self, hash: str, files: Mapping[str, bytes]) -> None:
        """Write files with mode 0600."""
        self._require_ours(hash)
        for path, data in files.items():
            whole = f"{self.prefix_of(hash)}/{path}"
            self.machine.make_folder(whole.rpartition("/")[0])
            self.machine.write(whole, data)

    def fetch(self, hash: str, path: str) -> bytes:
        """Read a file, of 64 MiB at most."""
        return self.machine.read(f"{self.prefix_of(hash)}/{path}", 0, LARGEST_FILE_BYTES)

    def deliver(self, hash: str, log: LogLine, should_stop: ShouldStop) -> None:
        """It was built where it is used."""

    def complete(self, hash: str) -> None:
        """Replace the line, unless another build has begun the prefix again."""
        self._require_ours(hash)
        self._note(hash, "complete", self.tokens.pop(hash))

    def remove(self, hash: str) -> None:
        """Take the line away first, so that a removal that is cut off leaves nothing that counts as complete.

        What was packed of it for the nodes of a cluster goes too. What we began and another build has begun again is
        that one's by now, and stays.
        """
        if not self.work_folder.is_marked(self.installation_id):
            return
        token = self.tokens.pop(hash, None)
        if token is not None and self._state(hash) != self._building(token):
            return
        if self._state(hash):
            self._note(hash, "removing", "")
        self._remove_tree(hash)
        pack = f"{self.work_folder.path}/packs/{self.prefix_of(hash).rpartition('/')[2]}.tar.gz"
        self._run(["rm", "-f", "--", self._state_path(hash), pack], DEADLINE_SECONDS)

    def sizes(self) -> Mapping[str, int]:
        """Measure with `du`, in steps of 1024 bytes."""
        self.work_folder.require(self.installation_id)
        names = self._output(["ls", "-1A", "--", f"{self.folder}/.states"], DEADLINE_SECONDS).split("\n")
        ours = [n for n in names if HEXADECIMAL.fullmatch(n) and self._state(n)[1:2] == [self.installation_id]]
        there = [name for name in ours if self.machine.stat(self.prefix_of(name)) is not None]
        if not there:
            return {}
        lines = self._output(["du", "-sk", "--", *map(self.prefix_of, there)], REMOVE_SECONDS).splitlines()
        pairs = [line.split("\t", 1) for line in lines if "\t" in line]
        return {path.rpartition("/")[2]: int(kibibytes) * 1024 for kibibytes, path in pairs}

    def _state_path(self, hash: str) -> str:
        return f"{self.folder}/.states/{self.prefix_of(hash).rpartition('/')[2]}"

    def _state(self, hash: str) -> list[str]:
        return self.machine.read(self._state_path(hash), 0, 1024).decode(errors="replace").split()

    def _building(self, token: str) -> list[str]:
        return ["building", self.installation_id, token]

    def _note(self, hash: str, state: str, token: str) -> None:
        self.machine.write(self._state_path(hash), f"{state} {self.installation_id} {token}\n".encode())

    def _require_ours(self, hash: str) -> None:
        if self._state(hash) != self._building(self.tokens.get(hash, "none")):
            raise PreparationFailed(
                "Another build has begun this environment again, so this one ends.", "Wait for the other build."
            )

    def _remove_tree(self, hash: str) -> None:
        prefix = self.prefix_of(hash)
        self._run(["chmod", "-R", "u+w", "--", prefix], REMOVE_SECONDS)
        code, said = self._run(["rm", "-rf", "--", prefix], REMOVE_SECONDS)
        if code != 0:
            raise TargetError(
                f"The environment's folder {prefix} could not be removed: {said[-300:]}",
                "Let an administrator check the disk of the work folder.",
            )

    def _output(self, argv: Sequence[str], seconds: float) -> str:
        code, said = self._run(argv, seconds)
        return said if code == 0 else ""

    def _run(self, argv: Sequence[str], seconds: float) -> tuple[int, str]:
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}
        done = self.machine.run(argv, environment=environment, deadline_seconds=seconds)
        return done.code, (done.output + (done.errors if done.code else b"")).decode(errors="replace")
