"""A script can write into its run's folder in the storage: that gives it no power over Livy, the server or its end."""

import json
import os
import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import Condition, Loss, RunAddress, SparkSettings, StopState, Stream
from computes.executors.livy.executor import LivyExecutor
from tests.computes.livy.livy_bench import LivyBench
from tests.computes.on_targets import wait_for, wait_for_end, wait_for_line
from tests.computes.python_scripts import PRINT, WAIT
from tests.stack.livy_contract import LivyContract


def write_over(bench: LivyBench, address: RunAddress, name: str, value: object) -> None:
    """Write a record into the run's folder, as a script may do it."""
    path = Path(bench.run_folder(address), name)
    path.unlink(missing_ok=True)
    path.write_text(json.dumps(value))


def test_a_run_that_names_anothers_batch_has_its_own_killed(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    theirs, mine = bench.request(PRINT, "theirs"), bench.request(PRINT, "mine")
    executor.start(theirs)
    executor.start(mine)
    for number in (0, 99):
        write_over(bench, mine.address, "batch.json", {"id": number})
        assert executor.stop(mine.address, 5).state is StopState.GONE
    assert livy.service.paths("DELETE") == ["/batches/1"]
    assert executor.poll(theirs.address).condition is Condition.STARTING


def test_a_run_that_names_anothers_batch_does_not_show_its_words(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    theirs, mine = bench.request(PRINT, "theirs"), bench.request(PRINT, "mine")
    executor.start(theirs)
    executor.start(mine)
    write_over(bench, mine.address, "batch.json", {"id": 0})
    livy.ever[1].state = "dead"
    status = wait_for_end(executor, mine.address)
    assert status.condition is Condition.LOST
    assert not any(path.startswith("/batches/0/log") for path in livy.service.paths("GET"))
    assert b"Livy: batch 1 is dead" in executor.read(mine.address, Stream.SYSTEM, 0, 1 << 16)


def test_a_driver_that_asks_itself_for_a_long_grace_gets_none(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    hostile: list[object] = [{"grace_seconds": 1e12, "time": 1e12}, {"grace_seconds": "x", "time": "x"}, []]
    for asked in hostile:
        request = bench.request(WAIT)
        executor.start(request)
        wait_for_line(executor, request.address, b"ready\n")
        driver = livy.ever[-1].process
        assert driver is not None
        os.kill(driver.pid, signal.SIGSTOP)
        try:
            write_over(bench, request.address, "cancel", asked)
            stopped = lambda address=request.address: executor.stop(address, 0.0).state is StopState.GONE  # noqa: E731
            wait_for(stopped, "end by Livy", 30)
        finally:
            with suppress(ProcessLookupError):
                os.kill(driver.pid, signal.SIGCONT)


def test_what_a_record_says_can_be_stored_and_shown_anywhere(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    for key in ("failure", "lost"):
        request = bench.request(PRINT)
        executor.start(request)
        write_over(bench, request.address, "exit.json", {key: "no\0thing\x1b[2J" + "x" * 10_000})
        status = executor.poll(request.address)
        assert status.condition is Condition.LOST
        assert status.why.isprintable()
        assert len(status.why) < 600


@pytest.mark.parametrize(
    ("verdict", "loss"),
    [
        ({"lost": "gone", "loss": ["killed"]}, Loss.UNKNOWN),
        ({"lost": "gone", "loss": "tulip"}, Loss.UNKNOWN),
        ({"lost": "gone", "has_begun": True}, Loss.UNKNOWN),
        ({"lost": "no package", "remedy": "Correct it."}, Loss.UNPREPARED),
        ({"failure": "no room"}, Loss.NOT_STARTED),
    ],
)
def test_a_verdict_of_an_earlier_version_or_of_a_script_is_read(
    verdict: dict[str, object], loss: Loss, livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    request = bench.request(PRINT)
    executor.start(request)
    write_over(bench, request.address, "verdict.json", verdict)
    status = executor.poll(request.address)
    assert (status.condition, status.loss) == (Condition.LOST, loss)


def test_a_project_brings_no_keytab_of_the_host_that_livy_is_on(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    names = ["spark.kerberos.keytab", "spark.kerberos.principal", "spark.yarn.keytab", "spark.yarn.principal"]
    asked = dict.fromkeys(names, "livy") | {"spark.sql.shuffle.partitions": "7"}
    request = replace(bench.request(PRINT), spark=SparkSettings(configuration=asked))
    executor.start(request)
    assert livy.ever[0].body["conf"]["spark.sql.shuffle.partitions"] == "7"
    assert not set(names) & set(livy.ever[0].body["conf"])
    assert b"spark.kerberos.keytab, spark.kerberos.principal" in executor.read(
        request.address, Stream.SYSTEM, 0, 1 << 16
    )
