"""PySpark on a cluster keeps the contract of all executors."""

from pathlib import Path

from computes.contract import Condition, Limits, Stream
from computes.executors.cluster.executor import ClusterExecutor
from tests.computes.cluster.conftest import SECONDS
from tests.computes.contract_suite import ExecutorContract
from tests.computes.on_targets import Bench, wait_for, wait_for_end
from tests.computes.python_scripts import PythonScripts
from tests.computes.spark.test_contract import JAVAS_WORDS
from tests.stack.spark_cluster import SparkCluster

COUNT = """
import sys
from pyspark.sql import SparkSession
from amlweb_run import log
spark = SparkSession.builder.appName("a name of the script's own").getOrCreate()
sums = spark.sparkContext.parallelize(range(1000), 4).map(lambda number: number * 2).sum()
print("sum", sums)
log("sum", sums)
open("outputs/sum.txt", "w").write(str(sums))
spark.stop()
sys.exit(int(sys.argv[1]))
"""
BUSY = """
import time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
def wait(number):
    time.sleep(float(SECONDS))
    return number
print("ready", flush=True)
print(spark.sparkContext.parallelize(range(200), 200).map(wait).sum())
"""
CONNECTED = b"Connected to Spark cluster with app ID "


class TestCluster(PythonScripts, ExecutorContract):
    def printed(self, log: bytes) -> bytes:
        return b"".join(line for line in log.splitlines(keepends=True) if not line.startswith(JAVAS_WORDS))


def test_a_job_on_the_workers_brings_code_outputs_metrics_and_its_application_home(
    executor: ClusterExecutor, bench: Bench, cluster: SparkCluster, tmp_path: Path
) -> None:
    request = bench.request(COUNT, "7")
    executor.start(request)
    status = wait_for_end(executor, request.address, SECONDS)
    log = executor.read(request.address, Stream.LOG, 0, 1 << 20)
    assert status.exit is not None
    assert status.exit.code == 7, log.decode()
    assert b"sum 999000\n" in log
    assert log == (bench.run_folder(request.address) / "log").read_bytes()
    executor.collect(request.address, tmp_path / "kept")
    assert (tmp_path / "kept" / "sum.txt").read_text() == "999000"
    assert b'"sum"' in executor.read(request.address, Stream.METRICS, 0, 1 << 16)
    said = log[log.index(CONNECTED) + len(CONNECTED) :].split()[0].decode()
    assert status.application is not None
    assert (status.application.id, status.application.is_waiting) == (said, False)
    wait_for(lambda: said in [app["id"] for app in cluster.said()["completedapps"]], "the application's end")


def test_the_progress_of_a_silent_job_is_seen_and_a_cancel_ends_it_on_the_cluster(
    executor: ClusterExecutor, bench: Bench, cluster: SparkCluster
) -> None:
    request = bench.request(BUSY.replace("SECONDS", "0.3"))
    executor.start(request)

    def tasks_done() -> int:
        status = executor.poll(request.address)
        assert status.condition is Condition.ALIVE, (bench.run_folder(request.address) / "log").read_text()
        return status.application.tasks_done if status.application else 0

    first = wait_for(tasks_done, "progress", SECONDS)
    wait_for(lambda: tasks_done() > first, "more progress", SECONDS)
    found = executor.poll(request.address).application
    assert found is not None
    assert (found.state, found.is_waiting, found.stages, found.tasks) == ("RUNNING", False, 1, 200)
    executor.stop(request.address, 10)
    status = wait_for_end(executor, request.address, SECONDS)
    assert status.exit is not None
    assert (status.exit.ended_by, status.exit.signal) == ("cancel", None) or status.exit.code == 143
    assert found.id not in [app["id"] for app in cluster.said()["activeapps"]]
    system = executor.read(request.address, Stream.SYSTEM, 0, 1 << 16).decode()
    assert f"application {found.id}: FINISHED" in system, system


def test_a_time_limit_ends_the_application(executor: ClusterExecutor, bench: Bench, cluster: SparkCluster) -> None:
    limits = Limits(time_limit_seconds=12, grace_seconds=5, free_space_floor_bytes=0)
    request = bench.request(BUSY.replace("SECONDS", "5"), limits=limits)
    executor.start(request)
    status = wait_for_end(executor, request.address, SECONDS)
    assert status.exit is not None
    assert status.exit.ended_by == "time_limit"
    wait_for(lambda: not cluster.said()["activeapps"], "end of the application")
