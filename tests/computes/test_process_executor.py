"""The process executor on this machine keeps the contract."""

from pathlib import Path

import pytest

from computes.executors.process import ProcessExecutor
from computes.machines.local import LocalMachine
from tests.computes.contract_suite import TargetContract
from tests.computes.on_targets import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def executor() -> ProcessExecutor:
    return ProcessExecutor(LocalMachine())


class TestProcessExecutor(TargetContract):
    launch_steps = ("make_folder", "launch")
