"""A played Livy, a folder that it shares with us, and the executor."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from computes.executors.livy.executor import LivyExecutor
from tests.computes.livy.livy_bench import HASTY, LivyBench
from tests.stack.livy_contract import LivyContract, livy_contract


@pytest.fixture
def livy(tmp_path: Path) -> Iterator[LivyContract]:
    """Return a Livy of its own for each test."""
    scratch = tmp_path / "cluster"
    scratch.mkdir()
    with livy_contract(scratch) as played:
        yield played


@pytest.fixture
def bench(tmp_path: Path, livy: LivyContract) -> LivyBench:
    """Return a bench whose target is behind that Livy."""
    return LivyBench(tmp_path, kind="livy", livy={"url": livy.url})


@pytest.fixture
def executor() -> LivyExecutor:
    """Return an executor that waits for evidence no longer than tests need; a service may take its usual time."""
    return LivyExecutor(patience=HASTY)
