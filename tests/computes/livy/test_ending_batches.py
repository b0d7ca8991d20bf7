"""How runs behind Livy are ended: by a stop at every stage, by limits, and by what happens to driver and cluster."""

import os
import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import Condition, ExecutionRequest, Limits, Loss, StopState, Stream
from computes.contract import RunFolderStatus as Status
from computes.errors import TargetError
from computes.executors.livy.executor import LivyExecutor
from computes.executors.livy.run_behind_livy import Patience
from tests.computes.livy.livy_bench import HASTY, LivyBench
from tests.computes.on_targets import is_alive, wait_for, wait_for_end, wait_for_line
from tests.computes.python_scripts import PRINT, WAIT
from tests.stack.livy_contract import LivyContract

STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(os.environ["MARK"], "w").write(str(os.getpid()))
print("ready", flush=True)
time.sleep(600)
"""


def driver_of(livy: LivyContract, executor: LivyExecutor, request: ExecutionRequest) -> int:
    """Start a run, wait for its first line, and return the process of its driver."""
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    driver = livy.ever[0].process
    assert driver is not None
    return driver.pid


def test_a_batch_that_waits_is_killed_by_a_stop_and_its_driver_never_runs(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    request = bench.request(PRINT, "never")
    executor.start(request)
    receipt = executor.stop(request.address, 5)
    assert receipt.state is StopState.GONE
    assert livy.service.paths("DELETE") == ["/batches/0"]
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.ended_by, status.exit.code) == ("cancel", None)
    assert b"state: ACCEPTED" in executor.read(request.address, Stream.SYSTEM, 0, 1 << 16)
    livy.begin(livy.ever[0])
    assert livy.ever[0].process is not None
    assert livy.ever[0].process.wait(30) == 75
    assert executor.poll(request.address) == status


def test_a_script_that_ignores_term_is_killed_after_the_grace(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = bench.request(STUBBORN, environment={"MARK": str(bench.root / "pid")})
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    executor.stop(request.address, 0.2)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.signal, status.exit.ended_by) == (9, "cancel")
    assert not is_alive(int((bench.root / "pid").read_text()))


def test_the_time_limit_holds_also_while_nobody_looks(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    limits = Limits(time_limit_seconds=1.0, grace_seconds=20, free_space_floor_bytes=0)
    request = bench.request(WAIT, limits=limits)
    executor.start(request)
    assert livy.ever[0].process is not None
    livy.ever[0].process.wait(30)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.ended_by, status.exit.code) == ("time_limit", 143)


def test_a_log_that_grows_too_large_ends_the_run(livy: LivyContract, bench: LivyBench, executor: LivyExecutor) -> None:
    limits = Limits(grace_seconds=1, log_cap_bytes=200_000, free_space_floor_bytes=0)
    request = bench.request("while True:\n    print('x' * 1000)\n", limits=limits)
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.ended_by == "log_limit"
    assert 200_000 <= status.log_bytes <= 400_000


def test_a_driver_that_the_cluster_kills_is_lost_and_takes_its_script_along(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = bench.request(STUBBORN, environment={"MARK": str(bench.root / "pid")})
    driver = driver_of(livy, executor, request)
    os.kill(driver, signal.SIGKILL)
    wait_for(lambda: not is_alive(int((bench.root / "pid").read_text())), "end of the script", 30)
    status = wait_for_end(executor, request.address, 60)
    assert status.condition is Condition.LOST
    assert not status.supervised
    assert "no sign of life" in status.why
    assert executor.read(request.address, Stream.LOG, 0, 100) == b"ready\n"


def lost(livy: LivyContract, executor: LivyExecutor, request: ExecutionRequest, state: str, *lines: str) -> Status:
    """Kill the driver of a run for good; return what is seen when Livy gives it a state and words of its own."""
    driver = driver_of(livy, executor, request)
    livy.ever[0].state, livy.ever[0].lines = state, list(lines)
    os.kill(driver, signal.SIGKILL)
    hasty = LivyExecutor(patience=replace(HASTY, silence_seconds=1.0))
    status = wait_for_end(hasty, request.address, 60)
    livy.forget()
    assert LivyExecutor(patience=HASTY).poll(request.address).loss is status.loss
    return status


def test_a_driver_that_began_and_that_livy_calls_killed_was_killed_from_outside(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    status = lost(livy, executor, bench.request(WAIT), "killed", "Application killed by user ada")
    assert (status.condition, status.loss) == (Condition.LOST, Loss.KILLED)
    assert "the batch was killed to Livy" in status.why
    assert status.why.endswith("Livy's last words: Application killed by user ada")


@pytest.mark.parametrize(
    "said",
    [
        "Container [pid=7,containerID=container_1_0007_01_000001] is running beyond physical memory limits. Current "
        "usage: 1.0 GB of 1 GB physical memory used; 2.0 GB of 2.1 GB virtual memory used. Killing container.",
        "Container [pid=7,containerID=container_1_0007_01_000001] is running 10240B beyond the 'PHYSICAL' memory "
        "limit. Current usage: 1.0 GB of 1 GB physical memory used. Killing container.",
    ],
)
def test_a_driver_that_yarn_ends_for_its_memory_was_out_of_memory(
    said: str, livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    status = lost(livy, executor, bench.request(WAIT), "dead", "Application failed 1 times", said)
    assert (status.condition, status.loss) == (Condition.LOST, Loss.OUT_OF_MEMORY)
    assert "1.0 GB of 1 GB physical memory used" in status.why
    assert status.why.endswith("spark.driver.memoryOverhead higher.")


def test_of_a_driver_that_began_and_that_livy_calls_dead_nobody_knows_the_exit_code(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    status = lost(livy, executor, bench.request(WAIT), "dead", "the flux is undone")
    assert (status.condition, status.loss, status.supervised) == (Condition.LOST, Loss.UNKNOWN, False)
    assert status.why.endswith("Livy's last words: the flux is undone")


def test_a_batch_that_we_have_had_killed_was_canceled_whoever_sees_its_end_first(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = bench.request(WAIT)
    driver = driver_of(livy, executor, request)
    os.kill(driver, signal.SIGSTOP)
    try:
        assert executor.stop(request.address, 0.0).state is StopState.ENDING
        wait_for(lambda: executor.stop(request.address, 0.0) and livy.service.paths("DELETE"), "kill by Livy", 30)
        status = wait_for_end(LivyExecutor(patience=replace(HASTY, silence_seconds=1.0)), request.address, 60)
    finally:
        with suppress(ProcessLookupError):
            os.kill(driver, signal.SIGCONT)
    assert status.exit is not None
    assert (status.exit.ended_by, status.loss) == ("cancel", Loss.UNKNOWN)


def test_a_frozen_driver_is_presumed_alive_and_livy_ends_it_after_a_stop(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = bench.request(WAIT)
    driver = driver_of(livy, executor, request)
    patient = LivyExecutor(patience=Patience())
    os.kill(driver, signal.SIGSTOP)
    try:
        assert patient.stop(request.address, 0.0).state is StopState.ENDING
        assert patient.poll(request.address).condition is Condition.ALIVE
        assert patient.stop(request.address, 0.0).state is StopState.ENDING
        assert livy.service.paths("DELETE") == []
        wait_for(lambda: executor.stop(request.address, 0.0).state is StopState.GONE, "end by Livy", 30)
    finally:
        with suppress(ProcessLookupError):
            os.kill(driver, signal.SIGCONT)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.ended_by == "cancel"


def test_a_term_from_outside_gives_the_script_a_short_grace_and_is_recorded(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = bench.request(WAIT)
    driver = driver_of(livy, executor, request)
    os.kill(driver, signal.SIGTERM)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.code, status.exit.ended_by) == (143, "")
    assert b"signal 15 ends the driver" in executor.read(request.address, Stream.SYSTEM, 0, 1 << 16)


def test_a_run_that_lives_is_not_cleaned_up(livy: LivyContract, bench: LivyBench, executor: LivyExecutor) -> None:
    request = bench.request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    with pytest.raises(TargetError, match="alive"):
        executor.clean_up(request.address)
    assert executor.poll(request.address).condition is Condition.ALIVE
    executor.stop(request.address, 1)
    wait_for_end(executor, request.address)
    executor.clean_up(request.address)
    assert not any(Path(bench.work, "runs").iterdir())
