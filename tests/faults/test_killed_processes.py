"""`kill -9` of each of our processes in every phase: no run is lost, doubled or stuck, and logs are byte-equal."""

import itertools
import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.faults.conftest import counted
from tests.stack.system import System, wait_until

pytestmark = pytest.mark.stack
LINES = 150


def events_of(system: System, number: int) -> list[str]:
    """Return the states that a run went through."""
    return [event["to_state"] for event in system.run(number)["events"] if event["to_state"]]


def assert_ended_well(system: System, number: int, lines: int = LINES) -> None:
    """The run completed once, with its whole log and its output."""
    run = system.wait_for_end(number, 60)
    assert (run["state"], run["exit_code"]) == ("completed", 0), run
    assert system.log(number) == counted(lines)
    outputs = system.call("GET", f"/projects/hello/runs/{number}/outputs").json()
    assert [output["path"] for output in outputs] == ["done.txt"]


@pytest.mark.parametrize("name", ["web", "workers", "controller"])
def test_a_process_killed_again_and_again_loses_nothing(system: System, name: str) -> None:
    numbers = [system.submit("count.py", str(LINES), "0.02") for _ in range(4)]
    for pause in itertools.islice(itertools.cycle([0.05, 0.4, 0.9]), 8):
        time.sleep(pause)  # kills at different moments of different runs
        system.kill(name)
        system.start(name)
    for number in numbers:
        assert_ended_well(system, number)


def test_everything_killed_at_once_goes_on_where_it_was(system: System) -> None:
    numbers = [system.submit("count.py", str(LINES), "0.03") for _ in range(3)]
    system.wait_for(numbers[0], "running")
    for name in ("controller", "web", "workers"):
        system.kill(name)
    time.sleep(1)  # the scripts print while nobody looks
    system.start()
    for number in numbers:
        assert_ended_well(system, number)


def test_runs_wait_for_workers_and_controller(system: System) -> None:
    system.kill("workers")
    system.kill("controller")
    numbers = [system.submit("count.py", "5", "0") for _ in range(3)]
    assert {system.run(number)["state"] for number in numbers} == {"queued"}
    system.start("controller")
    system.start("workers")
    for number in numbers:
        assert_ended_well(system, number, 5)


def test_a_worker_killed_while_it_finishes_is_replaced(system: System) -> None:
    number = system.submit("count.py", "3", "0")
    wait_until(lambda: system.run(number)["state"] in ("running", "finalizing", "completed"), every=0.001)
    system.kill("workers")
    system.start("workers")
    assert_ended_well(system, number, 3)


def test_a_killed_supervisor_leaves_the_script_alive_and_says_so(shared_system: System, tmp_path: Path) -> None:
    go = tmp_path / "go"
    number = shared_system.submit("count.py", str(LINES), "0.02", str(go))
    shared_system.wait_for(number, "running")
    os.kill(supervisor_of(shared_system), signal.SIGKILL)
    go.touch()
    run = shared_system.wait_for_end(number, 60)
    assert (run["state"], run["reason"]) == ("failed", "exit_code_lost")
    assert shared_system.log(number) == counted(LINES)


def supervisor_of(system: System) -> int:
    """Return the process id of the only supervisor of an installation."""
    states = [json.loads(path.read_text()) for path in system.folder.rglob("runs/*/state.json")]
    found = [int(state["supervisor"]) for state in states if Path(f"/proc/{state['supervisor']}").exists()]
    assert len(found) == 1, states
    return found[0]


def test_a_frozen_worker_that_thaws_after_a_cancel_starts_nothing(system: System) -> None:
    frozen = system.freeze("workers")
    number = system.submit("count.py", "20", "0.05")
    wait_until(lambda: system.run(number)["admitted_at"])
    assert system.call("POST", f"/projects/hello/runs/{number}/cancel").status_code == 202
    system.start("workers")
    run = system.wait_for_end(number)
    assert run["state"] == "canceled"
    os.killpg(frozen.pid, signal.SIGCONT)
    after = system.submit("hello.py")
    assert system.wait_for_end(after)["state"] == "completed"
    assert system.log(number) == b""
    assert "running" not in events_of(system, number)
    os.killpg(frozen.pid, signal.SIGKILL)
    frozen.wait()


def test_a_thawed_old_controller_doubles_nothing(system: System) -> None:
    number = system.submit("secret.py", secret_variables={"TOKEN": "tulip-field-42"})
    system.wait_for(number, "running")
    frozen = system.freeze("controller")
    time.sleep(0.5)  # the script prints on
    system.start("controller")
    wait_until(lambda: len(system.log(number).splitlines()) > 40, 40)
    os.killpg(frozen.pid, signal.SIGCONT)
    run = system.wait_for_end(number)
    assert run["state"] == "completed"
    assert system.log(number) == b"".join(b"%d %s\n" % (line, b"*" * 14) for line in range(60))
    assert events_of(system, number) == ["queued", "preparing", "running", "finalizing", "completed"]
    os.killpg(frozen.pid, signal.SIGKILL)
    frozen.wait()


def test_a_deaf_script_is_killed_after_the_grace(shared_system: System) -> None:
    number = shared_system.submit("stubborn.py")
    wait_until(lambda: shared_system.log(number) == b"deaf\n")
    assert shared_system.call("POST", f"/projects/hello/runs/{number}/cancel").status_code == 202
    run = shared_system.wait_for_end(number)
    assert run["state"] == "canceled"
    steps = [step for step, _ in run["cancel_receipt"]]
    assert any("TERM" in step for step in steps)
    assert any("KILL" in step for step in steps)


def test_cancel_against_finish_has_one_outcome(shared_system: System) -> None:
    for pause in (0.0, 0.01, 0.03, 0.06, 0.1, 0.15):
        number = shared_system.submit("count.py", "3", "0.02")
        time.sleep(pause)  # a race on purpose
        shared_system.call("POST", f"/projects/hello/runs/{number}/cancel")
        run = shared_system.wait_for_end(number)
        assert run["state"] in ("canceled", "completed")
        ends = [state for state in events_of(shared_system, number) if state in ("canceled", "completed", "failed")]
        assert ends == [run["state"]]
