"""Runs behind a played Livy in a real Spark: the driver under spark-submit, its gateway, and Hadoop's own client."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import Condition, Stream
from computes.executors.livy.executor import LivyExecutor
from tests.computes.livy.livy_bench import LivyBench
from tests.computes.on_targets import wait_for, wait_for_end
from tests.stack.left_out import need
from tests.stack.livy_contract import LivyContract
from tests.stack.parts import JAVA
from tests.stack.spark import QUICK_JAVA, python_with_pyspark, spark_home
from tests.stack.webhdfs_contract import WebHdfsContract, webhdfs_contract

SCRIPT = """
import json, sys
import helper
import amlweb_run
from pyspark import SparkContext
spark = SparkContext.getOrCreate()
total = spark.parallelize(range(100), 1).map(helper.double).sum()
amlweb_run.log("sum", total)
with open("outputs/sum.json", "w") as file:
    json.dump({"sum": total, "tags": spark.getConf().get("spark.yarn.tags"), "app": spark.appName}, file)
print("sum", total, sys.argv[1:])
sys.exit(7)
"""
SLOW = """
import time
from pyspark import SparkContext
SparkContext.getOrCreate().parallelize(range(400), 400).foreach(lambda x: time.sleep(0.2))
"""
QUIET = {"configuration": {"spark.ui.enabled": "false"}}
HELPER = "def double(x):\n    return 2 * x\n"


@pytest.fixture
def livy(livy: LivyContract) -> LivyContract:
    """Return a Livy whose batches go to a real spark-submit."""
    need(JAVA)
    livy.submit = (str(spark_home() / "bin/spark-submit"), "--master", "local[1]")
    livy.environment = {**QUICK_JAVA, "SPARK_LOCAL_IP": "127.0.0.1"}
    return livy


@pytest.fixture
def bench(tmp_path: Path, livy: LivyContract) -> LivyBench:
    """Return a bench whose Python has pyspark."""
    return LivyBench(tmp_path, kind="livy", python=python_with_pyspark(), livy={"url": livy.url, **QUIET})


@pytest.fixture
def hdfs(tmp_path: Path) -> Iterator[WebHdfsContract]:
    with webhdfs_contract(tmp_path) as played:
        yield played


def check_run(executor: LivyExecutor, bench: LivyBench, livy: LivyContract, into: Path) -> None:
    """Run the script and see everything come back."""
    request = bench.request(SCRIPT, "a b", "*", files={"helper.py": HELPER})
    executor.start(request)
    status = wait_for_end(executor, request.address, 120)
    process = livy.ever[0].process
    assert process is not None
    said = executor.read(request.address, Stream.LOG, 0, 1 << 20).decode()
    assert status.condition is Condition.EXITED, said
    assert status.exit is not None
    assert (status.exit.code, process.wait(60)) == (7, 7), said
    assert "sum 9900 ['a b', '*']\n" in said
    (metric,) = executor.read(request.address, Stream.METRICS, 0, 1 << 20).splitlines()
    assert json.loads(metric)["value"] == 9900
    (output,) = executor.collect(request.address, into)
    assert output.path == "sum.json"
    name = f"amlweb-{request.address.installation_id}-{request.address.run_id}"
    assert json.loads((into / "sum.json").read_text()) == {"sum": 9900, "tags": name, "app": name}
    assert "pyspark" in executor.describe(request.address).packages
    executor.clean_up(request.address)
    assert not bench.run_folder(request.address).exists()


def test_a_script_finds_spark_through_the_gateway_of_its_driver(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor, tmp_path: Path
) -> None:
    check_run(executor, bench, livy, tmp_path / "kept")


@pytest.mark.timeout(600)
def test_the_progress_of_a_silent_job_is_told(livy: LivyContract, bench: LivyBench, executor: LivyExecutor) -> None:
    request = replace(bench, livy={"url": livy.url}).request(SLOW)
    executor.start(request)

    def tasks_done() -> int:
        told = executor.poll(request.address).application
        return told.tasks_done if told else 0

    first = wait_for(tasks_done, "progress", 240)
    wait_for(lambda: tasks_done() > first, "more progress", 120)
    told = executor.poll(request.address).application
    assert told is not None
    assert (told.stages_done, told.stages, told.tasks, told.is_waiting) == (0, 1, 400, False)
    executor.stop(request.address, 5)
    wait_for_end(executor, request.address, 120)


def test_a_driver_reaches_its_storage_through_hadoops_own_client(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor, hdfs: WebHdfsContract, tmp_path: Path
) -> None:
    uri = f"webhdfs://localhost:{hdfs.name_node.port}/amlweb"
    bench = replace(bench, work_address=hdfs.address("/amlweb"), livy={"url": livy.url, "storage_uri": uri, **QUIET})
    check_run(executor, bench, livy, tmp_path / "kept")
    agents = {asked.headers.get("User-Agent", "").split("/")[0] for asked in hdfs.name_node.asked}
    assert {"Java", "python-requests"} <= agents
