"""The driver program by itself: attempts, trouble with the storage, what it was killed by, old and new Pythons."""

import json
import os
import signal
import sys
from dataclasses import replace

import pytest

from computes.contract import Limits
from tests.computes.on_targets import Bench, is_alive, wait_for
from tests.computes.spark_driver.placed_run import PlacedRun, placed
from tests.computes.test_supervisor_on_old_pythons import METRICS, find_pythons

WAITS = "import os, time\nprint('ready', os.getpid(), flush=True)\ntime.sleep(600)\n"


def yarn(attempt: int, application: int = 7) -> dict[str, str]:
    """Return what YARN gives to the container of an attempt."""
    return {"CONTAINER_ID": f"container_e17_1700000000000_{application:04d}_{attempt:02d}_000001"}


def script_pid(run: PlacedRun) -> int:
    """Wait for the script and return its pid."""
    line = wait_for(lambda: run.stream("log"), "the script's first line", 30)
    return int(line.split()[1])


@pytest.mark.parametrize("python", sorted({*find_pythons()[:2], find_pythons()[-1]}))
def test_old_and_new_pythons_drive_a_run(python: str, bench: Bench) -> None:
    script = METRICS + "import sys\nopen('outputs/model', 'w').write('w')\nprint('done')\nsys.exit(3)\n"
    run = placed(bench, bench.request(script))
    driver = run.driver(python)
    assert driver.wait(60) == 3, driver.communicate()
    driver.communicate()
    assert run.stream("log") == b"done\n"
    assert len(run.stream("metrics").splitlines()) == 2
    assert run.exit()["code"] == 3
    assert json.loads((run.folder / "environment.json").read_bytes().splitlines()[-1])["version"].startswith("3.")
    assert [entry["path"] for entry in json.loads((run.folder / "outputs.json").read_text())] == ["model"]
    assert not list((bench.root / "node").iterdir())


def test_a_second_driver_of_the_same_run_runs_nothing(bench: Bench) -> None:
    run = placed(bench, bench.request(WAITS))
    first = run.driver()
    script_pid(run)
    second = run.driver()
    _, errors = second.communicate(timeout=30)
    assert second.returncode == 75
    assert b"does not run twice" in errors
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=30)
    assert run.stream("log").count(b"ready") == 1


@pytest.mark.parametrize(
    ("environment", "most_attempts"),
    [(yarn(2), 1), (yarn(2, application=8), 2), (yarn(3), 2), ({}, 2)],
    ids=["not allowed", "another application", "too many", "no YARN"],
)
def test_a_next_attempt_that_was_not_asked_for_runs_nothing(
    environment: dict[str, str], most_attempts: int, bench: Bench
) -> None:
    run = placed(bench, bench.request("print('ran')"), most_attempts)
    first = run.driver(environment=yarn(1))
    first.communicate(timeout=30)
    (run.folder / "exit.json").unlink()
    next_one = run.driver(environment=environment)
    _, errors = next_one.communicate(timeout=30)
    assert (next_one.returncode, run.stream("log")) == (75, b"ran\n"), errors


def test_a_next_attempt_that_was_asked_for_goes_on_behind_the_first(bench: Bench) -> None:
    run = placed(bench, bench.request(WAITS.replace("600", "0.1")), 2)
    first = run.driver(environment=yarn(1))
    first.communicate(timeout=30)
    (run.folder / "exit.json").unlink()
    second = run.driver(environment=yarn(2))
    second.communicate(timeout=30)
    assert second.returncode == 0
    assert run.stream("log").count(b"ready") == 2
    assert b"attempt 2 of the driver" in run.stream("system")
    record = run.exit()
    assert (record["log_bytes"], record["log_crc32"]) == (len(run.stream("log")), None)


def test_a_run_that_was_ended_before_is_recorded_as_canceled(bench: Bench) -> None:
    run = placed(bench, bench.request("print('ran')"))
    run.shared.bury("stopped")
    driver = run.driver()
    driver.communicate(timeout=30)
    assert driver.returncode == 75
    assert (run.exit()["code"], run.exit()["ended_by"]) == (None, "cancel")
    assert run.stream("log") == b""


def test_a_run_that_was_cleaned_up_leaves_no_trace(bench: Bench) -> None:
    run = placed(bench, bench.request("print('ran')"))
    run.shared.storage.remove(run.shared.folder)
    driver = run.driver()
    driver.communicate(timeout=30)
    assert driver.returncode == 75
    assert not run.folder.exists()


def test_code_that_is_not_what_was_placed_is_not_run(bench: Bench) -> None:
    run = placed(bench, bench.request("print('ran')"))
    with (run.folder / "code.tar").open("ab") as tar:
        tar.write(b"more")
    driver = run.driver()
    driver.communicate(timeout=30)
    assert driver.returncode == 70
    assert "not what the server has placed" in run.exit()["failure"]
    assert run.stream("log") == b""


def test_a_storage_that_is_away_for_a_while_loses_nothing(bench: Bench) -> None:
    script = "import time\nfor number in range(60):\n    print(number, flush=True)\n    time.sleep(0.1)\n"
    run = placed(bench, bench.request(script))
    driver = run.driver()
    wait_for(lambda: run.stream("log"), "the first lines", 30)
    (node,) = (bench.root / "node").glob("amlweb-*")
    notes = node / "work" / "runs" / run.folder.name / "system.log"
    away = run.folder.with_name("away")
    run.folder.rename(away)
    run.folder.touch()
    wait_for(lambda: b"does not take" in notes.read_bytes(), "a round of the courier that fails", 30)
    run.folder.unlink()
    away.rename(run.folder)
    driver.communicate(timeout=60)
    assert driver.returncode == 0
    assert run.stream("log") == b"".join(b"%d\n" % number for number in range(60))
    assert b"does not take" in run.stream("system")


def test_the_script_dies_with_a_driver_that_is_killed(bench: Bench) -> None:
    run = placed(bench, bench.request("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WAITS))
    driver = run.driver()
    pid = script_pid(run)
    driver.kill()
    driver.communicate(timeout=30)
    wait_for(lambda: not is_alive(pid), "the end of the script", 30)


def test_the_run_ends_when_sparks_own_process_has_ended(bench: Bench) -> None:
    run = placed(bench, bench.request(WAITS))
    java = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(600)"
    parent = run.driver(before=(sys.executable, "-c", java, sys.executable))
    script_pid(run)
    parent.kill()
    parent.wait(30)
    wait_for(lambda: (run.folder / "exit.json").exists(), "the exit record", 30)
    parent.communicate(timeout=30)
    assert run.exit()["code"] == 143
    assert b"Spark's own process has ended" in run.stream("system")


def test_signs_of_life_follow_each_other(bench: Bench) -> None:
    run = placed(bench, bench.request(WAITS))
    driver = run.driver()
    pid = script_pid(run)
    seen: set[str] = set()

    def beats() -> bool:
        seen.update(path.name for path in run.folder.glob("beat-*"))
        return len(seen) >= 3

    wait_for(beats, "three signs of life", 40)
    assert len(list(run.folder.glob("beat-*"))) <= 2
    os.kill(pid, signal.SIGKILL)
    driver.communicate(timeout=30)
    assert (run.exit()["signal"], run.exit()["code"], driver.returncode) == (9, 137, 137)


def test_secrets_that_are_placed_once_more_while_the_script_runs_are_removed(bench: Bench) -> None:
    run = placed(bench, bench.request(WAITS, secrets={"TOKEN": "hush-hush"}))
    secrets = (run.folder / "secrets.json").read_bytes()
    driver = run.driver()
    pid = script_pid(run)
    assert not (run.folder / "secrets.json").exists()
    (run.folder / "secrets.json").write_bytes(secrets)
    wait_for(lambda: not (run.folder / "secrets.json").exists(), "end of the secrets")
    os.kill(pid, signal.SIGKILL)
    driver.communicate(timeout=30)
    assert run.exit()["signal"] == 9


def test_the_time_limit_is_kept_on_the_cluster(bench: Bench) -> None:
    limits = Limits(time_limit_seconds=0.5, grace_seconds=0.2, free_space_floor_bytes=0)
    run = placed(bench, replace(bench.request(WAITS), limits=limits))
    driver = run.driver()
    driver.communicate(timeout=60)
    assert run.exit()["ended_by"] == "time_limit"


def test_a_wrong_command_line_is_refused(bench: Bench) -> None:
    run = placed(bench, bench.request("print('ran')"))
    driver = run.driver(uri="file:///nowhere")
    _, errors = driver.communicate(timeout=30)
    assert driver.returncode == 64
    assert b"usage" in errors


def test_a_run_whose_end_was_concluded_without_its_driver_is_left_as_it_is(bench: Bench) -> None:
    run = placed(bench, bench.request("print('ran')"))
    run.shared.claim("verdict.json", {"lost": "Livy does not know it."})
    before = sorted(run.folder.rglob("*"))
    driver = run.driver()
    driver.communicate(timeout=30)
    assert driver.returncode == 75
    assert sorted(run.folder.rglob("*")) == before
