"""A run that is placed in a shared folder, and driver programs started by hand as a cluster would start them."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from computes.contract import ExecutionRequest, LivySettings
from computes.machines.contract import CollectionLimits
from computes.shared_storage.folder import FolderStorage
from computes.shared_storage.parts import PartsIndex
from computes.shared_storage.placing import place_program, place_run
from computes.shared_storage.shared_run import SharedRun
from tests.computes.on_targets import Bench

INTRO = "placed\n"


@dataclass(frozen=True)
class PlacedRun:
    """One run in a folder, with the program that drives it."""

    bench: Bench
    shared: SharedRun
    program: str

    @property
    def folder(self) -> Path:
        return self.bench.run_folder(self.shared.address)

    def driver(
        self,
        python: str = sys.executable,
        environment: Mapping[str, str] | None = None,
        before: tuple[str, ...] = (),
        uri: str = "",
    ) -> subprocess.Popen[bytes]:
        """Start a driver program."""
        scratch = self.bench.root / "node"
        scratch.mkdir(exist_ok=True)
        surroundings = {"PATH": os.environ["PATH"], "HOME": str(scratch), "TMPDIR": str(scratch), **(environment or {})}
        argv = [*(before or (python,)), self.program, uri or self.shared.uri_of(self.shared.folder)]
        return subprocess.Popen(
            argv,
            cwd=scratch,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def stream(self, name: str) -> bytes:
        """Return what has come of a stream."""
        index = PartsIndex(self.shared.storage, self.shared.folder)
        index.refresh()
        begin = len(INTRO) if name == "system" else 0
        return index.read(name, begin, 1 << 24)

    def exit(self) -> dict[str, Any]:
        """Return the exit record."""
        found = self.shared.record("exit.json")
        assert found is not None
        return found


def placed(bench: Bench, request: ExecutionRequest, most_attempts: int = 1, uri: str = "") -> PlacedRun:
    """Place a run."""
    livy = LivySettings("http://127.0.0.1:1", uri or f"file://{bench.work}")
    settings = replace(request.address.settings, kind="livy", livy=livy)
    request = replace(request, address=replace(request.address, settings=settings))
    shared = SharedRun(FolderStorage(str(bench.work)), request.address, livy.storage_uri)
    shared.open()
    place_program(shared)
    name, _ = program_name()
    place_run(shared, request, INTRO, most_attempts, CollectionLimits())
    return PlacedRun(bench, shared, str(bench.work / name))


def program_name() -> tuple[str, bytes]:
    """Return the program's name in the storage and its content."""
    from computes.shared_storage.program_file import program_file

    return program_file()
