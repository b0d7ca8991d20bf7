"""A run is started once, whatever gets lost: replies, Livy's memory, our own process (a played Livy, real drivers)."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from computes.contract import Condition, ExecutionRequest, SparkResources, SparkSettings, StopState, Stream
from computes.errors import EnvironmentGone, StartFailed, StartRefused, TargetError, TargetUnreachable
from computes.executors.livy import starting
from computes.executors.livy.executor import LivyExecutor
from computes.shared_storage.folder import FolderStorage
from computes.shared_storage.packed_environments import PackedEnvironments
from tests.computes.livy.livy_bench import HASTY, LivyBench
from tests.computes.on_targets import INSTALLATION, wait_for, wait_for_end, wait_for_line
from tests.computes.python_scripts import PRINT, WAIT
from tests.stack.contract_http import Asked, Reply
from tests.stack.livy_contract import LivyContract

COUNTS = "import os\nopen(os.environ['MARK'] + '/' + str(os.getpid()), 'w').close()\nprint('ready', flush=True)\n"


def counting(bench: LivyBench) -> ExecutionRequest:
    """A run that leaves a file for each time that it is started."""
    (bench.root / "marks").mkdir(exist_ok=True)
    return bench.request(COUNTS, environment={"MARK": str(bench.root / "marks")})


def times_started(bench: LivyBench) -> int:
    return len(list((bench.root / "marks").iterdir()))


def losing_the_reply(livy: LivyContract) -> None:
    """Let Livy do what the next POST asks for, and lose what it says."""
    left = [1]

    def odd(asked: Asked) -> Reply | None:
        if asked.method != "POST" or not left[0]:
            return None
        left[0] -= 1
        livy.answer(asked)
        return Reply(lost=True)

    livy.service.odd = odd


def just_before_the_post(livy: LivyContract, deed: Callable[[], object]) -> None:
    """Do something in the moment in which the next POST has come to Livy."""

    def odd(asked: Asked) -> Reply | None:
        if asked.method == "POST":
            livy.service.odd = None
            deed()
        return None

    livy.service.odd = odd


def test_a_lost_reply_is_found_by_the_batchs_name(livy: LivyContract, bench: LivyBench, executor: LivyExecutor) -> None:
    losing_the_reply(livy)
    request = counting(bench)
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.code == 0
    assert livy.service.paths("POST") == ["/batches"]
    assert times_started(bench) == 1


def test_a_lost_reply_to_a_livy_that_then_falls_silent_starts_nothing_twice(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = counting(bench)

    def odd(asked: Asked) -> Reply | None:
        if asked.method == "POST":
            livy.answer(asked)
        return Reply(503)

    livy.service.odd = odd
    with pytest.raises(TargetUnreachable):
        executor.start(request)
    livy.service.odd = None
    LivyExecutor(patience=HASTY).start(request)
    wait_for_end(executor, request.address)
    assert (times_started(bench), len(livy.ever)) == (1, 1)


def test_a_livy_without_names_may_start_two_drivers_but_the_script_runs_once(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.has_names, livy.is_full = False, True
    losing_the_reply(livy)
    request = counting(bench)
    with pytest.raises(TargetUnreachable):
        executor.start(request)
    executor.start(request)
    assert len(livy.ever) == 2
    livy.begin_all()
    status = wait_for_end(executor, request.address)
    assert status.condition is Condition.EXITED
    assert sorted(batch.process.wait(60) for batch in livy.ever if batch.process) == [0, 75]
    assert times_started(bench) == 1


def test_starts_side_by_side_start_one_batch(livy: LivyContract, bench: LivyBench) -> None:
    request = counting(bench)
    failures: list[TargetError] = []

    def start() -> None:
        try:
            LivyExecutor(patience=HASTY).start(request)
        except TargetError as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    wait_for_end(LivyExecutor(patience=HASTY), request.address)
    assert (times_started(bench), len(livy.ever)) == (1, 1)


def test_a_livy_that_was_restarted_and_forgot_its_batches_harms_no_run(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = bench.request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    livy.forget()
    executor.start(request)
    assert LivyExecutor(patience=HASTY).poll(request.address).condition is Condition.ALIVE
    executor.stop(request.address, 5)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.ended_by, len(livy.ever)) == ("cancel", 1)


def test_a_batch_that_livy_forgot_and_that_never_began_is_lost_after_a_while(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    request = bench.request(PRINT)
    executor.start(request)
    livy.forget()
    assert executor.poll(request.address).condition is Condition.STARTING
    status = wait_for_end(executor, request.address)
    assert status.condition is Condition.LOST
    assert "does not know the batch" in status.why
    assert b"does not know batch 0" in executor.read(request.address, Stream.SYSTEM, 0, 1 << 16)


def test_another_process_of_ours_sees_the_same_run(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = bench.request(PRINT, "one", "two")
    executor.start(request)
    driver = livy.ever[0].process
    assert driver is not None
    assert driver.wait(60) == 0, "Livy says that the batch has ended when its driver has"
    status = wait_for_end(executor, request.address)
    other = LivyExecutor(patience=HASTY)
    assert other.poll(request.address) == status
    assert other.read(request.address, Stream.LOG, 2, 3) == b"e\nt"


def test_a_storage_without_our_mark_says_nothing_about_runs(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    assert executor.poll(bench.address()).condition is Condition.UNREACHABLE
    request = bench.request(PRINT)
    executor.start(request)
    wait_for_end(executor, request.address)
    bench.work.rename(bench.root / "unmounted")
    status = executor.poll(request.address)
    assert status.condition is Condition.UNREACHABLE
    assert "mounted" in status.why


def test_the_request_names_files_python_packages_and_sizes_and_nothing_of_the_users_own(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    settings = replace(bench.settings(), python_location="/opt/python3")
    assert settings.livy is not None
    settings = replace(
        settings,
        livy=replace(
            settings.livy, queue="research", proxy_user="alice", configuration={"spark.a": "1", "spark.b": "2"}
        ),
    )
    spark = SparkSettings(
        {"spark.b": "3", "spark.app.name": "mine", "spark.jars.packages": "a:b:1", "not.spark": "x"},
        ("https://maven.example/repo",),
        ("org.example:connector_2.12:1.2",),
    )
    request = bench.request(PRINT, "argument", secrets={"TOKEN": "hush hush"}, environment={"COLOR": "green"})
    request = replace(
        request,
        address=replace(request.address, settings=settings),
        spark=spark,
        resources=SparkResources(3, 2, "4g", 1, "2g"),
    )
    executor.start(request)
    body = livy.ever[0].body
    name = f"amlweb-{request.address.installation_id}-{request.address.run_id}"
    folder = f"file://{bench.work}/runs/{name.removeprefix('amlweb-')}"
    assert body["file"].startswith(f"file://{bench.work}/program/")
    assert (body["args"], body["pyFiles"]) == ([folder], [f"{folder}/modules.zip"])
    assert (body["name"], body["queue"], body["proxyUser"]) == (name, "research", "alice")
    assert (body["numExecutors"], body["executorCores"], body["executorMemory"]) == (3, 2, "4g")
    assert (body["driverCores"], body["driverMemory"]) == (1, "2g")
    assert body["conf"] == {
        "spark.a": "1",
        "spark.b": "3",
        "spark.jars.packages": "a:b:1,org.example:connector_2.12:1.2",
        "spark.jars.repositories": "https://maven.example/repo",
        "spark.yarn.tags": name,
        "spark.yarn.maxAppAttempts": "1",
        "spark.pyspark.python": "/opt/python3",
        "spark.yarn.appMasterEnv.PYSPARK_PYTHON": "/opt/python3",
    }
    sent = b"".join(asked.body for asked in livy.service.asked)
    assert not any(word in sent for word in (b"hush", b"argument", b"green"))
    intro = executor.read(request.address, Stream.SYSTEM, 0, 1 << 16)
    assert b"not.spark, spark.app.name" in intro


def test_a_prepared_environment_goes_along_as_an_archive(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    livy.is_full = True
    request = replace(bench.request(PRINT), environment_hash="feed")
    with pytest.raises(EnvironmentGone):
        executor.start(request)
    (bench.root / "pack").write_bytes(b"packed")
    packs = PackedEnvironments(FolderStorage(str(bench.work)), INSTALLATION)
    packs.keep("feed", bench.root / "pack")
    (bench.work / "environments/feed.tar.gz").write_bytes(b"half")
    with pytest.raises(EnvironmentGone):
        executor.start(request)
    packs.keep("feed", bench.root / "pack")
    executor.start(request)
    body = livy.ever[0].body
    assert body["archives"] == [f"file://{bench.work}/environments/feed.tar.gz#environment"]
    assert body["conf"]["spark.pyspark.python"] == "./environment/bin/python"
    assert body["conf"]["spark.yarn.appMasterEnv.PYSPARK_PYTHON"] == "./environment/bin/python"


def test_a_share_folder_is_refused_in_words(livy: LivyContract, bench: LivyBench, executor: LivyExecutor) -> None:
    request = replace(bench, native_shared_directory="/data").request(PRINT)
    with pytest.raises(StartFailed, match="no folder that is kept between runs") as caught:
        executor.start(request)
    assert "nativeSharedDirectory" in caught.value.remedy


def test_a_start_that_thaws_after_a_stop_starts_nothing(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = counting(bench)
    just_before_the_post(livy, lambda: executor.stop(request.address, 5))
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert times_started(bench) == 0
    assert status.exit is None or status.exit.ended_by == "cancel"
    executor.clean_up(request.address)
    with pytest.raises(StartRefused):
        executor.start(request)


def test_a_start_that_thaws_after_a_clean_up_leaves_nothing(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = bench.request(PRINT, secrets={"TOKEN": "hush-hush"})
    place_run = starting.place_run

    def freeze(*arguments: Any) -> None:
        assert executor.stop(request.address, 5).state is StopState.NEVER_STARTED
        executor.clean_up(request.address)
        place_run(*arguments)

    monkeypatch.setattr(starting, "place_run", freeze)
    with pytest.raises(StartRefused):
        executor.start(request)
    assert not bench.run_folder(request.address).exists()
    assert not livy.ever


def test_a_batch_that_livy_takes_after_a_clean_up_leaves_nothing(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor
) -> None:
    request = counting(bench)

    def clean_up() -> None:
        assert executor.stop(request.address, 5).state is StopState.NEVER_STARTED
        executor.clean_up(request.address)

    just_before_the_post(livy, clean_up)
    executor.start(request)
    assert livy.service.paths("DELETE") == ["/batches/0"]
    assert not bench.run_folder(request.address).exists()
    assert times_started(bench) == 0


@pytest.mark.parametrize("script", [WAIT, PRINT])
def test_secrets_that_are_placed_once_more_after_the_driver_has_begun_do_not_stay(
    livy: LivyContract, bench: LivyBench, executor: LivyExecutor, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    request = bench.request(script, secrets={"TOKEN": "hush-hush"})
    place_run = starting.place_run

    def freeze(*arguments: Any) -> None:
        monkeypatch.setattr(starting, "place_run", place_run)
        executor.start(request)
        if script == WAIT:
            wait_for_line(executor, request.address, b"ready\n")
        else:
            wait_for_end(executor, request.address)
        place_run(*arguments)
        assert (bench.run_folder(request.address) / "secrets.json").exists()

    monkeypatch.setattr(starting, "place_run", freeze)
    LivyExecutor(patience=HASTY).start(request)
    wait_for(lambda: not (bench.run_folder(request.address) / "secrets.json").exists(), "end of the secrets")
    if script == WAIT:
        executor.stop(request.address, 5)
    assert wait_for_end(executor, request.address).condition is Condition.EXITED
    assert len(livy.ever) == 1
