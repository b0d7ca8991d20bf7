"""Parts of a cluster are killed while applications run: the outcome is the driver's own, whatever else dies."""

import json
import os
import signal
from dataclasses import replace

import pytest

from computes.contract import Condition, ExecutionRequest, ExitRecord, Stream
from computes.executors.cluster.executor import ClusterExecutor
from tests.computes.cluster.conftest import SECONDS
from tests.computes.cluster.test_contract import BUSY
from tests.computes.on_targets import Bench, wait_for, wait_for_end
from tests.stack.spark_cluster import SparkCluster

SHORT = BUSY.replace("range(200), 200", "range(40), 40").replace("SECONDS", "0.4")
SUM = "\n780\n"
SHORTER, SUM_OF_SHORTER = SHORT.replace("range(40), 40", "range(20), 20"), "\n190\n"


def start_and_wait_for_tasks(executor: ClusterExecutor, bench: Bench, script: str) -> ExecutionRequest:
    """Start a run and return it once it has done tasks, by Spark's own word in the log."""
    request = bench.request(script)
    executor.start(request)
    log = bench.run_folder(request.address) / "log"
    wait_for(lambda: b"Finished task" in log.read_bytes(), "a task that is done", SECONDS)
    assert executor.poll(request.address).condition is Condition.ALIVE, log.read_text()
    return request


def end_of(executor: ClusterExecutor, request: ExecutionRequest) -> tuple[ExitRecord, str]:
    """Wait for the end and return the record and the log."""
    record = wait_for_end(executor, request.address, SECONDS).exit
    assert record is not None
    return record, executor.read(request.address, Stream.LOG, 0, 1 << 20).decode()


def test_a_killed_driver_is_known_by_its_signal_and_its_application_ends(
    executor: ClusterExecutor, bench: Bench, cluster: SparkCluster
) -> None:
    request = start_and_wait_for_tasks(executor, bench, SHORT)
    driver = json.loads((bench.run_folder(request.address) / "state.json").read_text())["pid"]
    os.kill(driver, signal.SIGKILL)
    record, _ = end_of(executor, request)
    assert (record.signal, record.code, record.ended_by) == (9, 137, "")
    wait_for(lambda: not cluster.said()["activeapps"], "end of the application")


@pytest.mark.parametrize("victim", ["worker0", "master"])
def test_a_job_survives_what_is_not_its_driver(
    executor: ClusterExecutor, bench: Bench, cluster: SparkCluster, victim: str
) -> None:
    assert bench.cluster is not None
    configuration = {**bench.cluster.configuration, "spark.cores.max": "2", "spark.executor.cores": "1"}
    spread = replace(bench, cluster=replace(bench.cluster, configuration=configuration))
    request = start_and_wait_for_tasks(executor, spread, SHORT)
    cluster.kill(victim)
    record, log = end_of(executor, request)
    assert record.code == 0, log
    assert SUM in log


def test_five_applications_at_once_wait_for_their_turn_and_all_end_well(
    executor: ClusterExecutor, bench: Bench, cluster: SparkCluster
) -> None:
    requests = [bench.request(SHORTER) for _ in range(5)]
    for request in requests:
        executor.start(request)

    def one_waits() -> bool:
        found = [executor.poll(request.address).application for request in requests]
        return any(facts is not None and facts.is_waiting and bool(facts.why) for facts in found)

    wait_for(one_waits, "an application that waits for executors", SECONDS)
    for request in requests:
        record, log = end_of(executor, request)
        assert record.code == 0, log
        assert SUM_OF_SHORTER in log
    wait_for(lambda: not cluster.said()["activeapps"], "end of the applications")
