"""A target in a temporary folder and the executor of real processes on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from computes.executors.process import ProcessExecutor
from computes.machines.local import LocalMachine
from computes.supervisor.processes import all_pids
from tests.computes.on_targets import Bench, wait_for


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return a bench whose programs are this test's own."""
    return Bench(tmp_path)


@pytest.fixture
def executor() -> ProcessExecutor:
    """Return the executor that the `local` target has."""
    return ProcessExecutor(LocalMachine())


@pytest.fixture(autouse=True)
def nothing_is_left_running(tmp_path: Path) -> Iterator[None]:
    """Fail a test that leaves a process of its runs behind."""
    yield
    wait_for(lambda: not processes_in(tmp_path), "end of all processes of the test")


def processes_in(folder: Path) -> list[int]:
    """Return every process whose environment or command line names a folder."""
    found = []
    for pid in all_pids():
        try:
            texts = Path(f"/proc/{pid}/environ").read_bytes() + Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if bytes(Path(folder) / "work") in texts:
            found.append(pid)
    return found
