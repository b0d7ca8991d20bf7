"""A head node whose Hadoop and Spark are stood in for, and a bench whose drivers live on the nodes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from computes.executors.cluster.executor import ClusterExecutor
from computes.machines.local import LocalMachine
from tests.computes.cluster.on_nodes.following import PACE, bench_on
from tests.computes.on_targets import Bench
from tests.stack.yarn_contract import HeadNode


@pytest.fixture
def head(tmp_path: Path) -> Iterator[HeadNode]:
    """A head node with a blank in its folders' names."""
    node = HeadNode(tmp_path / "a b")
    node.install()
    yield node
    node.stop()


@pytest.fixture
def bench(head: HeadNode) -> Bench:
    """A bench whose scripts are submitted there, with drivers on the nodes."""
    return bench_on(head)


@pytest.fixture
def executor() -> ClusterExecutor:
    """Return an executor that is patient for seconds, not minutes."""
    return ClusterExecutor(LocalMachine(), pace=PACE)
