"""The progress of a driver on a node: Spark and the driver's pages are real, YARN is a *contract*."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from computes.cluster_contract import ClusterSettings, DeployMode
from computes.contract import Framework
from computes.executors.cluster.executor import ClusterExecutor
from computes.machines.local import LocalMachine
from tests.computes.cluster.on_nodes.following import PACE
from tests.computes.on_targets import Bench, wait_for, wait_for_end
from tests.stack.left_out import need
from tests.stack.parts import JAVA
from tests.stack.spark import QUICK_JAVA, python_with_pyspark, spark_home
from tests.stack.yarn_contract import STORAGE, HeadNode

SECONDS = 240.0  # Java starts slowly on cores that are busy elsewhere
SCRIPT = """
import os, time
from pyspark import SparkContext
context = SparkContext.getOrCreate()
context.parallelize(range(10), 2).count()
enough = os.environ["FAKE"] + "/enough"
def wait(number):
    while number > 20 and not os.path.exists(enough):
        time.sleep(0.1)
context.parallelize(range(50), 50).foreach(wait)
"""


@pytest.fixture
def head(tmp_path: Path) -> Iterator[HeadNode]:
    """A head node whose cluster starts drivers by a real Spark, as YARN's application master does."""
    need(JAVA)
    node = HeadNode(tmp_path)
    node.install()
    variables = {**QUICK_JAVA, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": python_with_pyspark()}
    variables["LOCAL_DIRS"] = str(tmp_path / "local")  # YARN gives it to each container, and Spark insists on it there
    words = ["/usr/bin/env", *(f"{name}={value}" for name, value in variables.items())]
    words += [str(spark_home() / "bin/spark-submit"), "--master", "local[1]"]
    (node.fake / "driver").write_text("\n".join(words))
    yield node
    node.stop()


def test_stages_and_tasks_of_a_silent_script_are_seen_while_it_runs(head: HeadNode) -> None:
    executor = ClusterExecutor(LocalMachine(), pace=replace(PACE, quiet=60.0))
    homes = {"spark_home": str(head.root / "home"), "java_home": str(head.root / "java")}
    cluster = ClusterSettings(deploy_mode=DeployMode.CLUSTER, storage_uri=STORAGE, **homes)
    environment = head.environment
    bench = Bench(head.root, kind="cluster", framework=Framework.PYSPARK, cluster=cluster, environment=environment)
    request = bench.request(SCRIPT, environment={"FAKE": str(head.fake)})
    executor.start(request)

    def told() -> tuple[int, int, int, int] | None:
        status = executor.poll(request.address)
        assert status.exit is None, (bench.run_folder(request.address) / "log").read_text()
        found = status.application
        return (found.stages_done, found.stages, found.tasks_done, found.tasks) if found else None

    wait_for(lambda: told() == (1, 2, 2 + 21, 2 + 50), "the progress", SECONDS)
    found = executor.poll(request.address).application
    assert found is not None
    assert (found.state, found.is_waiting, found.why) == ("RUNNING", False, "")
    calls = len(head.calls("hdfs"))
    wait_for(lambda: len(head.calls("hdfs")) >= calls + 5, "five looks")
    assert {call["argv"][3] for call in head.calls("hdfs")[calls:]} == {"-ls"}
    (head.fake / "enough").touch()
    status = wait_for_end(executor, request.address, SECONDS)
    assert status.exit is not None
    assert status.exit.code == 0
    record = json.loads((bench.run_folder(request.address) / "application.json").read_text())
    assert record["tasks"] == 52
    assert head.stored() == []
