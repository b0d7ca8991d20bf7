"""Drivers on the nodes of YARN, followed from the head node. *contract*: `tests/stack/yarn_contract.py`.

The driver program and the follower are the real ones; the commands of Hadoop and Spark are stood in for.
"""

import fcntl
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import CheckItem, Condition, Limits, SparkSettings, Stream
from computes.errors import StartFailed
from computes.executors.cluster.executor import ClusterExecutor
from computes.executors.cluster.homes import with_homes
from computes.executors.cluster.on_nodes import Submission
from computes.executors.cluster.program import Pack
from computes.machines.contract import CollectionLimits
from computes.machines.local import LocalMachine
from computes.spark_driver import layout
from tests.computes.cluster.on_nodes.following import LIVELY, OUTPUT, PACE, fetches, is_settled, log_of, record_of
from tests.computes.on_targets import Bench, is_alive, wait_for, wait_for_end, wait_for_line
from tests.computes.test_supervisor_on_old_pythons import find_pythons
from tests.stack.yarn_contract import ID, STORAGE, HeadNode

WORKER = """
import os, sys, json
import beside
print("arguments", sys.argv[1:])
with open(os.environ["AMLWEB_METRICS"], "a") as file:
    file.write(json.dumps({"key": "loss", "value": 0.5, "step": 1, "time": 1.0}) + "\\n")
os.makedirs("outputs/deep")
open("outputs/deep/a b:c.txt", "w").write("made on the node")
sys.exit(int(sys.argv[1]))
"""


def sorted_pythons() -> list[str]:
    """Return the interpreters of this machine, the oldest first, ours last."""
    found = find_pythons()
    return [*found[1:], found[0]]


@pytest.mark.parametrize(("code", "python"), [(0, find_pythons()[0]), (7, sorted_pythons()[0])])
def test_a_script_on_a_node_brings_back_all_that_it_leaves(
    code: int, python: str, executor: ClusterExecutor, head: HeadNode, bench: Bench, tmp_path: Path
) -> None:
    hostile = ["--conf", "$(touch x); `id`", "a'b\"c\n", "ü*?{a,b}", ""]
    bench = replace(bench, python=python)
    request = bench.request(WORKER, str(code), *hostile, files={"beside.py": "", "data/x.csv": "1"})
    executor.start(request)
    record = record_of(executor, request.address)
    log = log_of(executor, request.address)
    assert (record.code, record.signal, record.ended_by) == (code, None, ""), log
    assert f"arguments {[str(code), *hostile]!r}" in log
    assert json.loads(log_of(executor, request.address, Stream.METRICS))["value"] == 0.5
    assert "attempt 1 of the driver has begun" in log_of(executor, request.address, Stream.SYSTEM)
    collected = {item.path: item.skipped for item in executor.collect(request.address, tmp_path / "into")}
    assert collected == {"deep/a b:c.txt": "", f"{ID}.log": ""}
    assert (tmp_path / "into" / "deep" / "a b:c.txt").read_text() == "made on the node"
    assert "an executor's words" in (tmp_path / "into" / f"{ID}.log").read_text()
    application = executor.poll(request.address).application
    assert application is not None
    assert (application.id, application.state, application.is_waiting) == (ID, "FINISHED", False)
    assert executor.describe(request.address).interpreter == sys.executable
    assert head.stored() == []
    assert is_settled(bench, request.address)
    executor.clean_up(request.address)
    assert not bench.run_folder(request.address).exists()
    assert not list((head.fake / "node").iterdir())


def test_what_spark_is_told_is_in_its_file_and_no_secret_is_anywhere_but_in_the_driver(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    asked = {"spark.yarn.submit.waitAppCompletion": "true", "spark.yarn.appMasterEnv.A": "b", "spark.ui.port": "1"}
    request = bench.request(LIVELY, secrets={"TOKEN": "hunter2"}, spark=SparkSettings(configuration=asked))
    executor.start(request)
    wait_for_line(executor, request.address, b"first\n")
    assert not [name for name in head.stored() if name.endswith(layout.SECRETS)]
    (head.fake / "enough").touch()
    assert record_of(executor, request.address).code == 0
    assert "last [] True" in log_of(executor, request.address)
    folder = bench.run_folder(request.address)
    told = dict(line.split("=", 1) for line in (folder / "spark.conf").read_text().splitlines() if "=" in line)
    assert told["spark.submit.deployMode"] == "cluster"
    assert told["spark.yarn.submit.waitAppCompletion"] == "false"
    assert told["spark.yarn.maxAppAttempts"] == "1"
    assert told["spark.yarn.tags"] == request.address.run_id
    assert told["spark.yarn.appMasterEnv.A"] == "b"
    assert told["spark.yarn.appMasterEnv.PYSPARK_PYTHON"] == told["spark.pyspark.driver.python"] == bench.python
    assert "spark.ui.port" not in told
    (call,) = head.calls("spark-submit")
    name = f"{request.address.installation_id}-{request.address.run_id}"
    assert call["argv"][2:] == [call["argv"][2], f"{STORAGE}/runs/{name}"]
    assert "hunter2" not in (head.fake / "calls").read_text()
    kept = [file for file in folder.rglob("*") if file.is_file() and file.name != "main.py"]
    assert not [file for file in kept if b"hunter2" in file.read_bytes()]
    assert "******* stands in the log" in (folder / "code" / "outputs" / f"{ID}.log").read_text()


def test_the_log_comes_while_the_script_runs_and_a_look_is_one_command(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = bench.request(LIVELY, "x")
    executor.start(request)
    wait_for_line(executor, request.address, b"first\n")
    status = executor.poll(request.address)
    assert status.condition is Condition.ALIVE
    looks = len(head.calls("hdfs"))
    wait_for(lambda: len(head.calls("hdfs")) >= looks + 8, "eight looks")
    verbs = [call["argv"][3] for call in head.calls("hdfs")[looks:]]
    assert verbs.count("-cat") <= 3 < verbs.count("-ls")
    assert set(verbs) <= {"-ls", "-cat"}
    (head.fake / "enough").touch()
    assert record_of(executor, request.address).code == 0
    assert log_of(executor, request.address).count("first") == 1


def test_an_application_that_waits_for_ever_is_shown_to_wait_and_is_ended_by_a_cancel(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    head.order("wait")
    request = bench.request(LIVELY)
    executor.start(request)

    def waits() -> bool:
        found = executor.poll(request.address).application
        return found is not None and found.is_waiting and found.id == ID and found.why == "waiting for AM container"

    wait_for(waits, "an application that waits")
    executor.stop(request.address, 5.0)
    assert record_of(executor, request.address).ended_by == "cancel"
    assert head.application()["state"] == "KILLED"
    assert not is_alive(head.application()["master"])
    assert head.stored() == []


def test_a_cancel_before_the_id_is_known_finds_the_application_by_its_tag(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    head.order("slow", "wait")
    request = bench.request(LIVELY)
    executor.start(request)
    wait_for(lambda: head.application().get("master"), "an application")
    executor.stop(request.address, 0.0)
    assert record_of(executor, request.address).ended_by == "cancel"
    assert head.application()["state"] == "KILLED"
    assert head.stored() == []


def test_a_cancel_ends_the_packing_at_once(head: HeadNode, bench: Bench) -> None:
    packs = head.root / "packs"
    packs.mkdir()
    request = bench.request(LIVELY)
    settings = with_homes(LocalMachine(), request.address.settings)
    at_home = replace(request, address=replace(request.address, settings=settings))
    pack = Pack(str(head.root), str(packs / "x.tar.gz"), str(head.root), largest_bytes=1 << 30)
    executor = Submission(LocalMachine(), CollectionLimits(), request, pack, PACE)
    with (packs / ".x.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        executor.start(at_home)
        path = bench.run_folder(request.address) / "state.json"
        pid = wait_for(lambda: path.exists() and json.loads(path.read_text()).get("pid"), "a follower")
        inode = f":{os.fstat(lock.fileno()).st_ino} "

        def waits_for_us() -> bool:
            lines = Path("/proc/locks").read_text().splitlines()
            return any("-> FLOCK" in line and inode in line and f" {pid} " in line for line in lines)

        wait_for(waits_for_us, "a follower that waits for the pack")
        ClusterExecutor(LocalMachine(), pace=PACE).stop(request.address, 5.0)
        status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.ended_by, status.exit.signal) == ("cancel", signal.SIGTERM)
    assert head.calls("spark-submit") == []
    ClusterExecutor(LocalMachine(), pace=PACE).clean_up(request.address)
    assert not bench.run_folder(request.address).exists()


def test_a_cancel_gives_the_script_its_grace_and_its_outputs_come_back(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    script = """
import signal, sys, time
def parting(number, frame):
    open("outputs/parting", "w").write("saved")
    sys.exit(3)
signal.signal(signal.SIGTERM, parting)
print("ready", flush=True)
time.sleep(300)
"""
    request = bench.request(script)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    executor.stop(request.address, 20.0)
    record = record_of(executor, request.address)
    assert (record.code, record.ended_by) == (3, "cancel"), log_of(executor, request.address, Stream.SYSTEM)
    assert (bench.run_folder(request.address) / "code" / "outputs" / "parting").read_text() == "saved"
    assert head.application()["state"] == "FINISHED"
    assert head.stored() == []


def test_the_time_limit_ends_the_application(executor: ClusterExecutor, head: HeadNode, bench: Bench) -> None:
    limits = Limits(time_limit_seconds=10.0, grace_seconds=0.0, free_space_floor_bytes=0)
    request = bench.request(LIVELY, limits=limits)
    executor.start(request)
    wait_for_line(executor, request.address, b"first\n")
    assert record_of(executor, request.address).ended_by == "time_limit"
    assert head.application()["state"] == "KILLED"
    wait_for(lambda: not is_alive(head.application()["driver"]), "end of the driver")
    late = (
        head.fake / "hdfs" / "user" / "trainer" / "amlweb" / "runs" / bench.run_folder(request.address).name / "parts"
    )
    late.mkdir(parents=True)
    (late / "late").touch()
    executor.clean_up(request.address)
    assert head.stored() == []


def test_an_application_that_is_killed_from_outside_counts_as_killed(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = bench.request(LIVELY)
    executor.start(request)
    wait_for_line(executor, request.address, b"first\n")
    head.kill_from_outside()
    record = record_of(executor, request.address)
    assert (record.signal, record.ended_by) == (signal.SIGKILL, "")
    assert "was killed. Its reason: killed by user root" in log_of(executor, request.address)
    assert head.stored() == []


def test_a_driver_that_never_begins_fails_with_yarns_reason(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    head.order("fail", "wordless", "unaggregated")
    request = bench.request(LIVELY)
    executor.start(request)
    assert record_of(executor, request.address).code == 1
    log = log_of(executor, request.address)
    assert f"YARN ended {ID}: FAILED. Its reason: AM Container for appattempt exited with exitCode: 13" in log
    system = log_of(executor, request.address, Stream.SYSTEM)
    assert "has not gathered the logs of the containers: Log aggregation has not completed" in system
    assert head.stored() == []


def test_an_application_that_yarn_does_not_know_ends_the_run_in_words(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    head.order("forgotten", "wait")
    request = bench.request(LIVELY)
    executor.start(request)
    assert record_of(executor, request.address).code == 70
    assert f"YARN does not know {ID} any more" in log_of(executor, request.address)


def test_a_submission_that_is_refused_says_what_spark_says(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    head.order("refuse")
    request = bench.request(LIVELY)
    executor.start(request)
    assert record_of(executor, request.address).code == 1
    log = log_of(executor, request.address)
    assert "submitted to unknown queue: gold" in log
    assert "YARN has no application of this run" in log
    assert head.stored() == []


def test_a_yarn_that_is_away_after_a_submission_without_an_id_is_waited_for(head: HeadNode, bench: Bench) -> None:
    executor = ClusterExecutor(LocalMachine(), pace=replace(PACE, lost=120.0))
    head.order("wordless", "silent")
    request = bench.request(OUTPUT)
    executor.start(request)
    wait_for(lambda: len(head.calls("yarn")) >= 6, "six questions to YARN")
    head.order()
    assert record_of(executor, request.address).code == 0, log_of(executor, request.address)
    assert (bench.run_folder(request.address) / "code" / "outputs" / "x").read_text() == "y"


def test_a_yarn_that_stays_away_after_a_submission_without_an_id_is_named(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    head.order("wordless", "silent")
    request = bench.request(LIVELY)
    executor.start(request)
    wait_for(lambda: "YARN does not tell whether" in log_of(executor, request.address), "the word about YARN")
    head.order()
    assert record_of(executor, request.address).code == 71
    assert head.application()["state"] == "KILLED"


def test_a_storage_that_fails_now_and_then_loses_and_doubles_nothing(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    head.order("flaky")
    script = "import time\nfor number in range(30):\n    print('line', number, flush=True)\n    time.sleep(0.1)\n"
    script += "open('outputs/x', 'w').write('y')\n"
    request = bench.request(script)
    executor.start(request)
    assert record_of(executor, request.address).code == 0, log_of(executor, request.address)
    lines = [line for line in log_of(executor, request.address).splitlines() if line.startswith("line")]
    assert lines == [f"line {number}" for number in range(30)]
    assert (bench.run_folder(request.address) / "code" / "outputs" / "x").read_text() == "y"
    assert "Connection refused" in log_of(executor, request.address, Stream.SYSTEM)
    assert head.stored() == []


def test_outputs_are_waited_for_while_the_storage_is_away(head: HeadNode, bench: Bench) -> None:
    executor = ClusterExecutor(LocalMachine(), pace=replace(PACE, lost=120.0))
    head.order("ungiving")
    request = bench.request(OUTPUT)
    executor.start(request)
    wait_for(lambda: fetches(head) >= 6, "six times that outputs were asked for")
    head.order()
    assert record_of(executor, request.address).code == 0, log_of(executor, request.address)
    assert (bench.run_folder(request.address) / "code" / "outputs" / "x").read_text() == "y"
    assert head.stored() == []


@pytest.mark.parametrize(("order", "code"), [("ungiving", 74), ("recordless", 70)])
def test_outputs_that_do_not_come_stay_in_the_storage_and_the_log_says_where(
    order: str, code: int, executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    head.order(order)
    request = bench.request(OUTPUT)
    executor.start(request)
    assert record_of(executor, request.address).code == code
    name = bench.run_folder(request.address).name
    assert f"what the driver left stays in {STORAGE}/runs/{name}" in log_of(executor, request.address)
    executor.clean_up(request.address)
    place = head.fake / "hdfs" / "user" / "trainer" / "amlweb" / "runs" / name
    assert [path.read_text() for path in (place / "outputs").iterdir()] == ["y"]


def test_a_mounted_folder_is_a_storage_too(executor: ClusterExecutor, head: HeadNode, bench: Bench) -> None:
    assert bench.cluster is not None
    storage = head.root.parent / "mounted"
    storage.mkdir()
    bench = replace(bench, cluster=replace(bench.cluster, storage_uri=f"file://{storage}"))
    request = bench.request(WORKER, "0", files={"beside.py": ""})
    executor.start(request)
    assert record_of(executor, request.address).code == 0, log_of(executor, request.address)
    assert (bench.run_folder(request.address) / "code" / "outputs" / "deep" / "a b:c.txt").exists()
    assert head.calls("hdfs") == []
    assert [path for path in storage.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("uri", ["hdfs:///a/{b,c}", "hdfs:///a b", "hdfs:///*", "no", "hdfs:///a/runs/b"])
def test_a_storage_that_hadoop_would_read_otherwise_is_refused(
    uri: str, executor: ClusterExecutor, bench: Bench
) -> None:
    assert bench.cluster is not None
    wrong = replace(bench, cluster=replace(bench.cluster, storage_uri=uri))
    with pytest.raises(StartFailed, match="cannot be the storage"):
        executor.start(wrong.request("print(1)"))


def test_a_keytab_gives_the_commands_a_ticket_of_their_own(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    assert bench.cluster is not None
    head.order("wait")
    (head.root / "bin" / "kinit").write_text('#!/bin/sh\necho "$@" > "${KRB5CCNAME#FILE:}"\n')
    (head.root / "bin" / "kinit").chmod(0o755)
    bench = replace(bench, cluster=replace(bench.cluster, principal="trainer@LAB", keytab="/etc/trainer.keytab"))
    request = bench.request(LIVELY)
    executor.start(request)
    wait_for(lambda: head.application().get("master"), "an application")
    executor.stop(request.address, 0.0)
    assert record_of(executor, request.address).ended_by == "cancel"
    ticket = bench.run_folder(request.address) / "spark" / "ticket"
    assert ticket.read_text() == "-k -t /etc/trainer.keytab trainer@LAB\n"
    calls = head.calls("hdfs") + head.calls("yarn")
    assert {call["environment"]["KRB5CCNAME"] for call in calls} == {f"FILE:{ticket}"}


def test_the_check_tries_the_storage(executor: ClusterExecutor, head: HeadNode, bench: Bench) -> None:
    def found() -> CheckItem:
        return next(item for item in executor.check(bench.settings()) if item.name == "Storage of drivers")

    assert found().ok, found()
    head.order("closed")
    assert not found().ok
    assert "Permission denied" in found().detail
