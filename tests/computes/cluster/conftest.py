"""A real Spark cluster behind a real sshd, and a bench whose scripts are submitted there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from computes.cluster_contract import ClusterSettings, DeployMode
from computes.contract import Framework
from computes.executors.cluster.executor import ClusterExecutor
from computes.machines.ssh import SshMachine
from computes.machines.ssh.pool import POOL
from tests.computes.on_targets import Bench
from tests.stack.left_out import need
from tests.stack.parts import JAVA, SSHD
from tests.stack.spark import python_with_pyspark, spark_home
from tests.stack.spark_cluster import QUICK_JAVA, SparkCluster, spark_cluster
from tests.stack.sshd import Sshd, sshd

SECONDS = 170.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests of a cluster more time: each starts Java several times, on cores that are busy elsewhere."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def host() -> Iterator[Sshd]:
    """The head node."""
    need(SSHD, JAVA)
    with sshd() as running:
        yield running
        POOL.close_all()


@pytest.fixture(scope="session")
def running_cluster() -> Iterator[SparkCluster]:
    """The cluster of this test run."""
    need(JAVA)
    with spark_cluster() as cluster:
        yield cluster


@pytest.fixture
def cluster(running_cluster: SparkCluster) -> SparkCluster:
    """The cluster with its master and all workers, whatever the test before has killed."""
    running_cluster.restore()
    return running_cluster


@pytest.fixture
def executor(host: Sshd) -> ClusterExecutor:
    """Return the executor that a `cluster` target has."""
    return ClusterExecutor(SshMachine(host.access))


@pytest.fixture
def bench(tmp_path: Path, cluster: SparkCluster) -> Bench:
    """Return a bench in a folder with a blank in its name. An application takes one core and little memory."""
    root = tmp_path / "a b"
    root.mkdir()
    settings = ClusterSettings(
        master=cluster.master,
        deploy_mode=DeployMode.CLIENT,
        spark_home=str(spark_home()),
        configuration={
            "spark.master.ui.port": str(cluster.page),
            "spark.cores.max": "1",
            "spark.executor.memory": "512m",
            "spark.driver.memory": "512m",
            "spark.driver.extraJavaOptions": QUICK_JAVA,
            "spark.executor.extraJavaOptions": QUICK_JAVA,
        },
    )
    return Bench(root, kind="cluster", python=python_with_pyspark(), framework=Framework.PYSPARK, cluster=settings)


@pytest.fixture
def no_cluster_bench(tmp_path: Path) -> Bench:
    """Return a bench for what needs no cluster."""
    return Bench(tmp_path, kind="cluster", framework=Framework.PYSPARK)
