"""Followers of drivers on nodes are killed: another one takes up the application, and nothing is lost or doubled.
*contract*: `tests/stack/yarn_contract.py`."""

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from computes.contract import Condition, ExecutionRequest, Limits, RunAddress, Stream
from computes.errors import StartRefused, TargetError
from computes.executors.cluster.executor import ClusterExecutor
from computes.executors.cluster.taking_up import MOST_TIMES
from computes.executors.process import ProcessExecutor
from computes.machines.local import LocalMachine
from computes.machines.ssh import SshMachine
from computes.spark_driver import layout
from tests.computes.cluster.on_nodes.following import (
    LIVELY,
    OUTPUT,
    PACE,
    fetches,
    is_settled,
    log_of,
    record_of,
)
from tests.computes.on_targets import Bench, wait_for, wait_for_line
from tests.stack.sshd import Sshd
from tests.stack.yarn_contract import ID, HeadNode

STEADY = """
import json, os, sys, time
number = 0
while not os.path.exists(os.environ["FAKE"] + "/enough"):
    print("line", number, "x" * 200, flush=True)
    with open(os.environ["AMLWEB_METRICS"], "a") as file:
        file.write(json.dumps({"key": "n", "value": number, "step": number, "time": 1.0}) + "\\n")
    number += 1
    time.sleep(0.005)
open("outputs/count", "w").write(str(number))
sys.exit(7)
"""


@pytest.fixture
def head(head: HeadNode) -> Iterator[HeadNode]:
    """A head node whose cluster has a resource manager: no driver is a descendant of the supervisor."""
    with head.resource_manager():
        yield head


def state_of(bench: Bench, address: RunAddress) -> dict[str, object]:
    return dict(json.loads((bench.run_folder(address) / "state.json").read_text()))


def kill(bench: Bench, address: RunAddress, *names: str) -> None:
    """Kill processes of a run by the names that they have in its state, and wait until they are gone."""
    state = state_of(bench, address)
    for name in names:
        pid = state[name]
        assert isinstance(pid, int)
        os.kill(pid, signal.SIGKILL)

    def are_gone() -> bool:
        looked = ProcessExecutor(LocalMachine()).poll(address)  # a look that starts nothing again
        return looked.condition in (Condition.EXITED, Condition.LOST)

    wait_for(are_gone, "their end")


def is_followed_again(executor: ClusterExecutor, bench: Bench, address: RunAddress, times: int) -> bool:
    """Whether a look finds a run alive that was taken up so many times."""
    is_alive = executor.poll(address).condition is Condition.ALIVE
    return is_alive and state_of(bench, address).get("resumed") == times


def grown(bench: Bench, address: RunAddress, lines: int) -> bool:
    return (bench.run_folder(address) / "log").read_bytes().count(b"\nline ") >= lines


@pytest.mark.parametrize("victims", [("pid",), ("supervisor", "pid")])
def test_another_follower_takes_up_the_application_and_nothing_comes_twice(
    victims: tuple[str, ...], executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = bench.request(STEADY)
    executor.start(request)
    address = request.address
    for times in range(1, MOST_TIMES + 1):
        seen = (bench.run_folder(address) / "log").read_bytes().count(b"\nline ")
        wait_for(lambda seen=seen: grown(bench, address, seen + 40), "forty more lines")
        kill(bench, address, *victims)
        wait_for(lambda times=times: is_followed_again(executor, bench, address, times), "another follower")
    (head.fake / "enough").touch()
    record = record_of(executor, address)
    log, system = log_of(executor, address), log_of(executor, address, Stream.SYSTEM)
    assert (record.code, record.signal, record.ended_by) == (7, None, ""), log[-2000:] + system
    count = int((bench.run_folder(address) / "code" / "outputs" / "count").read_text())
    assert [line for line in log.splitlines() if "line" in line] == [f"line {n} {'x' * 200}" for n in range(count)]
    metrics = log_of(executor, address, Stream.METRICS).splitlines()
    assert [json.loads(line)["value"] for line in metrics] == list(range(count))
    assert system.count("attempt 1 of the driver has begun") == 1
    assert system.count("its application is taken up") == MOST_TIMES
    assert len(head.calls("spark-submit")) == 1
    assert head.stored() == []
    assert is_settled(bench, address)


def test_who_looks_first_starts_it_again_and_nobody_else_does(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = killed_after_its_first_line(executor, bench, "pid")
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: executor.poll(request.address).condition, range(8)))
    assert set(seen) <= {Condition.ALIVE, Condition.STARTING}, seen
    (head.fake / "enough").touch()
    assert record_of(executor, request.address).code == 0
    assert log_of(executor, request.address, Stream.SYSTEM).count("started again") == 1
    assert log_of(executor, request.address).count("first\n") == 1


def test_a_driver_that_ends_while_nobody_follows_is_known_by_its_record(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = bench.request(STEADY)
    executor.start(request)
    wait_for_line(executor, request.address, b"line 0 ")
    kill(bench, request.address, "supervisor", "pid")
    (head.fake / "enough").touch()
    wait_for(lambda: any(name.endswith(f"/{layout.EXIT}") for name in head.stored()), "the driver's record")
    assert record_of(executor, request.address).code == 7
    assert (bench.run_folder(request.address) / "code" / "outputs" / "count").exists()
    assert head.stored() == []


def test_a_head_node_that_was_started_again_goes_on_where_it_was(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    limits = Limits(time_limit_seconds=3600.0, free_space_floor_bytes=0)
    request = bench.request(LIVELY, limits=limits)
    executor.start(request)
    wait_for_line(executor, request.address, b"first\n")
    kill(bench, request.address, "supervisor", "pid")
    folder = bench.run_folder(request.address)
    earlier = {**state_of(bench, request.address), "boot_id": "an earlier one", "monotonic": 1e9}
    (folder / "state.json").write_text(json.dumps(earlier))
    placed_at = time.time() - 600
    os.utime(folder / "spec.json", (placed_at, placed_at))
    wait_for(lambda: is_followed_again(executor, bench, request.address, 1), "another follower")
    (head.fake / "enough").touch()
    record = record_of(executor, request.address)
    assert (record.code, 600 <= record.duration_seconds < 3600) == (0, True)
    assert log_of(executor, request.address).count("first\n") == 1


def test_over_ssh_another_follower_is_started_too(host: Sshd, head: HeadNode, bench: Bench) -> None:
    executor = ClusterExecutor(SshMachine(host.access), pace=PACE)
    request = killed_after_its_first_line(executor, bench, "supervisor", "pid")
    wait_for(lambda: is_followed_again(executor, bench, request.address, 1), "another follower")
    (head.fake / "enough").touch()
    assert record_of(executor, request.address).code == 0
    log = log_of(executor, request.address)
    assert (log.count("first\n"), log.count("last []")) == (1, 1)
    executor.clean_up(request.address)
    assert not bench.run_folder(request.address).exists()


def test_a_supervisor_that_is_killed_alone_costs_no_exit_code(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = bench.request(STEADY)
    executor.start(request)
    wait_for_line(executor, request.address, b"line 0 ")
    supervisor = state_of(bench, request.address)["supervisor"]
    assert isinstance(supervisor, int)
    os.kill(supervisor, signal.SIGKILL)
    (head.fake / "enough").touch()
    status = wait_for(lambda: (found := executor.poll(request.address)).exit and found, "the end")
    assert status.exit is not None
    assert (status.exit.code, status.exit.ended_by, status.supervised) == (7, "", True)
    assert status.exit.log_bytes == status.log_bytes > 0
    assert "resumed" not in state_of(bench, request.address)


def test_a_follower_that_is_killed_behind_its_last_word_is_believed(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = bench.request(LIVELY)
    executor.start(request)
    wait_for_line(executor, request.address, b"first\n")
    record = {"code": 3, "signal": None, "ended_by": "", "out_of_memory": False, "duration_seconds": 2.0}
    kill(bench, request.address, "pid")
    end = bench.run_folder(request.address) / "spark" / "end.json"
    end.write_text(json.dumps({**record, "log_bytes": None, "log_crc32": None, "steps": []}))
    found = record_of(executor, request.address)
    assert (found.code, found.signal) == (3, None)


def test_one_that_is_killed_again_and_again_is_given_up_and_cleaning_up_ends_the_application(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = bench.request(LIVELY)
    executor.start(request)
    wait_for_line(executor, request.address, b"first\n")
    give_up_on(executor, bench, request.address)
    assert record_of(executor, request.address).signal == signal.SIGKILL
    assert head.application()["state"] == "RUNNING"
    head.order("silent")
    with pytest.raises(TargetError, match="may still be there"):
        executor.clean_up(request.address)
    head.order()
    executor.clean_up(request.address)
    assert head.application()["state"] == "KILLED"
    assert head.stored() == []
    assert not bench.run_folder(request.address).exists()
    with pytest.raises(StartRefused):
        executor.start(request)


def give_up_on(executor: ClusterExecutor, bench: Bench, address: RunAddress) -> None:
    """Kill every follower that a run may have."""
    for times in range(1, MOST_TIMES + 1):
        kill(bench, address, "pid")
        wait_for(lambda times=times: is_followed_again(executor, bench, address, times), "another follower")
    kill(bench, address, "pid")


def test_outputs_that_no_follower_has_brought_stay_in_the_storage(head: HeadNode, bench: Bench) -> None:
    executor = ClusterExecutor(LocalMachine(), pace=replace(PACE, lost=300.0))
    head.order("ungiving")
    request = bench.request(OUTPUT)
    executor.start(request)
    wait_for(lambda: fetches(head) >= 1, "a follower that asks for outputs")
    folder = bench.run_folder(request.address)
    give_up_on(executor, bench, request.address)
    assert record_of(executor, request.address).signal == signal.SIGKILL
    head.order()
    executor.clean_up(request.address)
    assert not folder.exists()
    place = head.fake / "hdfs" / "user" / "trainer" / "amlweb" / "runs" / folder.name
    assert json.loads((place / layout.EXIT).read_text())["code"] == 0
    assert [path.read_text() for path in (place / "outputs").iterdir()] == ["y"]


def test_outputs_that_a_killed_follower_has_brought_are_neither_lost_nor_left_in_the_storage(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    head.order("unaggregated")
    request = bench.request(OUTPUT)
    ClusterExecutor(LocalMachine(), pace=replace(PACE, logs=300.0)).start(request)
    folder = bench.run_folder(request.address)
    wait_for(lambda: head.calls("yarn") and head.calls("yarn")[-1]["argv"][0] == "logs", "a question for the logs")
    kill(bench, request.address, "pid")
    head.order()
    assert record_of(executor, request.address).code == 0
    assert (folder / "code" / "outputs" / "x").read_text() == "y"
    assert "an executor's words" in (folder / "code" / "outputs" / f"{ID}.log").read_text()
    assert head.stored() == []


def test_a_submission_that_was_broken_off_is_looked_for_and_not_repeated(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    head.order("slow")
    request = bench.request(LIVELY)
    executor.start(request)
    wait_for(lambda: head.application().get("master"), "an application")
    kill(bench, request.address, "pid")
    head.order()
    (head.fake / "enough").touch()
    assert record_of(executor, request.address).code == 0, log_of(executor, request.address)
    assert len(head.calls("spark-submit")) == 1


def test_a_submission_of_which_yarn_knows_nothing_ends_the_run_in_words(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = killed_after_its_first_line(executor, bench, "pid")
    head.stop()
    (head.fake / "app.json").unlink()
    (bench.run_folder(request.address) / "application.json").unlink()
    assert record_of(executor, request.address).code == 71
    assert "YARN has no application of this run" in log_of(executor, request.address)


def killed_after_its_first_line(executor: ClusterExecutor, bench: Bench, *victims: str) -> ExecutionRequest:
    """Start a lively run, kill its follower when the script has begun, and return what was asked for."""
    request = bench.request(LIVELY)
    executor.start(request)
    wait_for_line(executor, request.address, b"first\n")
    kill(bench, request.address, *victims)
    return request


def kill_while_placing(
    executor: ClusterExecutor, head: HeadNode, bench: Bench, request: ExecutionRequest, *victims: str
) -> None:
    """Start a run and kill its follower while that puts the run into the storage, which comes before spark-submit."""
    head.order("hanging")
    executor.start(request)
    wait_for(lambda: "-put" in [call["argv"][3] for call in head.calls("hdfs")], "a follower that places the run")
    kill(bench, request.address, *victims)


@pytest.mark.parametrize("victims", [("pid",), ("supervisor", "pid")])
def test_one_that_was_killed_before_the_submission_is_started_again_and_submits_once(
    victims: tuple[str, ...], executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = bench.request(LIVELY)
    kill_while_placing(executor, head, bench, request, *victims)
    head.order()
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: executor.poll(request.address).condition, range(8)))
    assert set(seen) <= {Condition.ALIVE, Condition.STARTING}, seen
    wait_for_line(executor, request.address, b"first\n")
    (head.fake / "enough").touch()
    assert record_of(executor, request.address).code == 0
    system = log_of(executor, request.address, Stream.SYSTEM)
    assert (system.count("started again"), system.count("is taken up")) == (1, 0), system
    assert len(head.calls("spark-submit")) == 1
    assert head.stored() == []


def test_one_that_is_killed_before_and_behind_the_submission_submits_once(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = bench.request(LIVELY)
    kill_while_placing(executor, head, bench, request, "pid")
    wait_for(lambda: is_followed_again(executor, bench, request.address, 1), "another follower")
    head.order()
    wait_for_line(executor, request.address, b"first\n")
    kill(bench, request.address, "supervisor", "pid")
    wait_for(lambda: is_followed_again(executor, bench, request.address, 2), "a third follower")
    (head.fake / "enough").touch()
    assert record_of(executor, request.address).code == 0
    assert log_of(executor, request.address).count("first\n") == 1
    assert len(head.calls("spark-submit")) == 1


def test_a_run_with_secrets_whose_follower_was_killed_before_the_submission_is_not_started_again(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = bench.request(LIVELY, secrets={"TOKEN": "hunter2"})
    kill_while_placing(executor, head, bench, request, "pid")
    head.order()
    assert record_of(executor, request.address).signal == signal.SIGKILL
    assert head.calls("spark-submit") == []


def test_a_run_that_was_canceled_before_its_submission_is_not_started_again(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = bench.request(LIVELY)
    kill_while_placing(executor, head, bench, request, "supervisor", "pid")
    executor.stop(request.address, 5.0)
    head.order()
    assert record_of(executor, request.address).ended_by == "cancel"
    executor.clean_up(request.address)
    assert head.calls("spark-submit") == []
    assert head.stored() == []


def test_one_whose_submission_cannot_be_ruled_out_is_not_started_again(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = killed_after_its_first_line(executor, bench, "pid")
    (bench.run_folder(request.address) / "spark" / "handed").unlink()
    assert record_of(executor, request.address).signal == signal.SIGKILL


def test_a_cancel_that_finds_no_follower_is_a_cancel(executor: ClusterExecutor, head: HeadNode, bench: Bench) -> None:
    request = killed_after_its_first_line(executor, bench, "pid")
    executor.stop(request.address, 5.0)
    assert record_of(executor, request.address).ended_by == "cancel"
    executor.clean_up(request.address)
    assert head.application()["state"] == "KILLED"
    assert head.stored() == []


def test_a_cancel_and_the_time_limit_hold_for_the_follower_that_took_over(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = bench.request(LIVELY)
    executor.start(request)
    wait_for_line(executor, request.address, b"first\n")
    began = state_of(bench, request.address)["monotonic"]
    kill(bench, request.address, "pid")
    wait_for(lambda: is_followed_again(executor, bench, request.address, 1), "another follower")
    assert state_of(bench, request.address)["monotonic"] == began, "the time limit counts from the first start"
    system = bench.run_folder(request.address) / "system.log"
    wait_for(lambda: "its application is taken up" in system.read_text(), "a follower that hears signals")
    executor.stop(request.address, 0.0)
    record = record_of(executor, request.address)
    assert record.ended_by == "cancel"
    assert head.application()["state"] == "KILLED"


def test_a_run_with_secrets_is_taken_up_without_them(executor: ClusterExecutor, head: HeadNode, bench: Bench) -> None:
    request = bench.request(LIVELY, secrets={"TOKEN": "hunter2"})
    executor.start(request)
    wait_for_line(executor, request.address, b"first\n")
    kill(bench, request.address, "pid")
    (head.fake / "enough").touch()
    assert record_of(executor, request.address).code == 0
    assert "last [] True" in log_of(executor, request.address)
    assert "the logs of the containers are left out" in log_of(executor, request.address, Stream.SYSTEM)
    assert not (bench.run_folder(request.address) / "code" / "outputs" / f"{ID}.log").exists()


def test_a_damaged_journal_costs_the_rest_of_the_log_and_no_outcome(
    executor: ClusterExecutor, head: HeadNode, bench: Bench
) -> None:
    request = killed_after_its_first_line(executor, bench, "pid")
    (bench.run_folder(request.address) / "spark" / "arrivals.json").write_bytes(b"")
    (head.fake / "enough").touch()
    assert record_of(executor, request.address).code == 0
    log = log_of(executor, request.address)
    assert log.count("first\n") == 1
    assert "where the streams were broken off cannot be told" in log
    assert "the log is not complete" in log
