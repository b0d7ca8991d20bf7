"""What the tests of executors share: a run to start, and waiting for a condition with a deadline."""

import hashlib
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from computes.contract import (
    ClusterSettings,
    Condition,
    ExecutionRequest,
    Executor,
    Framework,
    Limits,
    RunAddress,
    RunFolderStatus,
    SparkSettings,
    Stream,
    TargetSettings,
)
from computes.executors.process import ProcessExecutor
from computes.machines.local import LocalMachine
from computes.supervisor.processes import process_facts
from projects.manifest import Manifest, ManifestEntry, manifest_of
from tests.stack.pace import pause_after

INSTALLATION = "0123456789abcdef"
DEADLINE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 0.05  # some of what is waited for is soon over
T = TypeVar("T")


class MachineWithPython(LocalMachine):
    """This machine with another interpreter for the supervisor."""

    def __init__(self, python: str) -> None:
        self.python = python

    def interpreter(self) -> str:
        return self.python


def wait_for(look: Callable[[], T], what: str, seconds: float = DEADLINE_SECONDS) -> T:
    """Return the first true answer of `look`; fail at the deadline."""
    began = time.monotonic()
    while not (found := look()):
        waited = time.monotonic() - began
        assert waited < seconds, f"no {what} within {seconds} s"
        time.sleep(pause_after(waited, LONGEST_PAUSE_SECONDS))
    return found


@dataclass(frozen=True)
class Bench:
    """A target in a temporary folder, and a store of blobs to make requests from."""

    root: Path
    kind: str = "local"
    python: str = sys.executable
    environment: Mapping[str, str] = field(default_factory=dict)
    native_shared_directory: str = ""
    framework: Framework = Framework.PYTHON
    cluster: ClusterSettings | None = None

    @property
    def work(self) -> Path:
        return self.root / "work"

    def settings(self) -> TargetSettings:
        return TargetSettings(
            name="here",
            kind=self.kind,
            work_folder=str(self.work),
            python_location=self.python,
            environment=self.environment,
            native_shared_directory=self.native_shared_directory,
            cluster=self.cluster,
        )

    def address(self, run_id: str | None = None) -> RunAddress:
        return RunAddress(INSTALLATION, run_id or uuid4().hex, self.settings())

    def manifest(self, files: Mapping[str, str]) -> Manifest:
        entries = []
        for path, text in files.items():
            data = text.encode()
            digest = hashlib.sha256(data).hexdigest()
            blob = self.root / "blobs" / digest[:2] / digest[2:]
            blob.parent.mkdir(parents=True, exist_ok=True)
            blob.write_bytes(data)
            entries.append(ManifestEntry(path, 0o644, len(data), digest))
        return manifest_of(entries)

    def request(
        self,
        script: str,
        *arguments: str,
        address: RunAddress | None = None,
        environment: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        files: Mapping[str, str] | None = None,
        spark: SparkSettings | None = None,
    ) -> ExecutionRequest:
        return ExecutionRequest(
            address=address or self.address(),
            framework=self.framework,
            script="main.py",
            arguments=arguments,
            environment=environment or {},
            secrets=secrets or {},
            manifest=self.manifest({"main.py": script, **(files or {})}),
            blobs=self.root / "blobs",
            project="iris",
            limits=limits or Limits(grace_seconds=5, free_space_floor_bytes=0),
            spark=spark or SparkSettings(),
        )

    def run_folder(self, address: RunAddress) -> Path:
        return self.work / "runs" / f"{address.installation_id}-{address.run_id}"


def start_in_a_process(request: ExecutionRequest) -> None:
    """Start a run on this machine; of the module's level, so that a new process can be given it."""
    ProcessExecutor(LocalMachine()).start(request)


def is_alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    facts = process_facts(pid)
    return facts is not None and facts[0] not in "ZX"


def wait_for_end(executor: Executor, address: RunAddress, seconds: float = DEADLINE_SECONDS) -> RunFolderStatus:
    """Return the first status that is evidence of an end."""

    def look() -> RunFolderStatus | None:
        status = executor.poll(address)
        return status if status.condition in (Condition.EXITED, Condition.LOST) else None

    found = wait_for(look, "end of the run", seconds)
    assert found is not None
    return found


def wait_for_line(executor: Executor, address: RunAddress, line: bytes) -> bytes:
    """Return the log once it holds a line."""
    return wait_for(
        lambda: log if line in (log := executor.read(address, Stream.LOG, 0, 1 << 20)) else b"", f"line {line!r}"
    )
