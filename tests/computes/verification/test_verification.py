"""A target is verified step by step with tiny jobs, and nothing of them stays."""

import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from computes.cluster_contract import ClusterSettings, DeployMode
from computes.contract import Framework, RunAddress, StopReceipt
from computes.errors import StartFailed
from computes.executors.fake import FakeExecutor
from computes.executors.fake_orders import Orders, give_orders
from computes.executors.process import ProcessExecutor
from computes.machines.local import LocalMachine
from computes.machines.ssh import SshMachine
from computes.verification.steps import Outcome, Step, Steps
from computes.verification.verification import Asked, Verified, verify
from tests.computes.on_targets import INSTALLATION, Bench
from tests.computes.ssh.conftest import host as host
from tests.computes.ssh.impostor import impostor
from tests.stack.sshd import Sshd

CONTRACT = [
    "Placing and start",
    "Second start",
    "Exit code 0",
    "Log",
    "Metrics",
    "Outputs",
    "Arguments",
    "Variable",
    "Secret variable",
    "Interpreter",
    "Exit code 7",
    "Start of a long job",
    "Live log",
    "Cancel",
    "Second cancel",
    "Clean-up",
    "Late start",
    "Time limit",
    "Removal of the jobs",
]


def asked_of(bench: Bench, patience_seconds: float = 60.0) -> Asked:
    return Asked(bench.settings(), bench.framework, INSTALLATION, patience_seconds)


def outcomes(found: Verified) -> dict[str, Outcome]:
    return {step.name: step.outcome for step in found.steps}


def nothing(step: Step) -> None:
    return None


def left_in(work: Path) -> list[str]:
    return [path.name for path in (work / "runs").iterdir()] if (work / "runs").exists() else []


def test_every_step_holds_on_a_good_target(tmp_path: Path) -> None:
    bench, told = Bench(tmp_path), []
    found = verify(ProcessExecutor(LocalMachine()), asked_of(bench), told.append)
    assert found.holds, [step for step in found.steps if step.outcome is not Outcome.HELD]
    assert told == found.steps
    assert [step.name for step in told if not step.name.startswith("Check")] == CONTRACT
    assert {"Check: Work folder", "Check: Supervisor", "Check"} <= set(outcomes(found))
    seen = {step.name: step.seen for step in found.steps}
    assert "code 7, ended by itself" in seen["Exit code 7"]
    assert "ended by time_limit" in seen["Time limit"]
    assert "ended by cancel" in seen["Cancel"]
    assert found.facts["system"]
    assert left_in(bench.work) == []


def test_every_step_holds_over_ssh(tmp_path: Path, host: Sshd) -> None:
    bench = Bench(tmp_path, kind="remote")
    found = verify(ProcessExecutor(SshMachine(host.access)), asked_of(bench), nothing)
    assert found.holds, [step for step in found.steps if step.outcome is not Outcome.HELD]
    assert {"Check: Host key", "Check: Login", "Live log", "Cancel"} <= set(outcomes(found))
    assert left_in(bench.work) == []


def test_nothing_is_sent_to_a_host_that_nobody_approved(tmp_path: Path) -> None:
    with impostor() as stranger:
        found = verify(
            ProcessExecutor(SshMachine(stranger.access())), asked_of(Bench(tmp_path, kind="remote")), nothing
        )
        assert stranger.told == []
    assert outcomes(found)["Check: Host key"] is Outcome.FAILED
    assert {outcomes(found)[name] for name in CONTRACT[:-1]} == {Outcome.NOT_TRIED}
    assert "Removal of the jobs" not in outcomes(found), "there is nothing to remove"
    assert not found.holds


def test_a_target_that_starts_nothing_is_said_in_words(tmp_path: Path) -> None:
    bench = Bench(tmp_path, kind="fake")
    give_orders(bench.work, Orders(start_error="StartFailed"))
    found = verify(FakeExecutor(), asked_of(bench), nothing)
    start = next(step for step in found.steps if step.name == "Placing and start")
    assert (start.outcome, start.seen) == (Outcome.FAILED, "The start failed as ordered.")
    assert start.remedy == "Order something else."
    assert outcomes(found)["Exit code 7"] is Outcome.NOT_TRIED
    assert outcomes(found)["Removal of the jobs"] is Outcome.HELD
    assert not found.holds


def test_a_wrong_exit_code_and_a_wrong_end_are_noticed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, kind="fake")
    give_orders(bench.work, Orders(code=1, log="it went wrong\n"))
    found = verify(FakeExecutor(), asked_of(bench), nothing)
    by_name = {step.name: step for step in found.steps}
    for name in ("Exit code 0", "Exit code 7", "Live log", "Cancel", "Time limit"):
        assert by_name[name].outcome is Outcome.FAILED, by_name[name]
    assert "code 1" in by_name["Exit code 7"].seen
    assert "it went wrong" in by_name["Exit code 7"].log
    assert left_in(bench.work) == []


def test_a_job_that_begins_twice_is_noticed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, kind="fake")
    give_orders(bench.work, Orders(log="verification: started\n" * 2 + "verification: told\n"))
    found = verify(FakeExecutor(), asked_of(bench, patience_seconds=0.2), nothing)
    log = next(step for step in found.steps if step.name == "Log")
    assert (log.outcome, log.seen) == (Outcome.FAILED, "the job began 2 times")


def test_a_job_that_never_ends_costs_no_more_than_the_patience(tmp_path: Path) -> None:
    bench = Bench(tmp_path, kind="fake")
    give_orders(bench.work, Orders(polls=None))
    found = verify(FakeExecutor(), asked_of(bench, patience_seconds=0.2), nothing)
    by_name = {step.name: step for step in found.steps}
    assert by_name["Exit code 0"].seen.startswith("No end in 0.2 s")
    assert by_name["Cancel"].outcome is Outcome.HELD
    assert left_in(bench.work) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("step", ["Placing and start", "Live log"])
def test_an_interruption_leaves_nothing_behind(tmp_path: Path, number: signal.Signals, step: str) -> None:
    bench = Bench(tmp_path)

    def tell(told: Step) -> None:
        if told.name == step:
            signal.raise_signal(number)

    found = verify(ProcessExecutor(LocalMachine()), asked_of(bench), tell)
    assert found.is_interrupted
    assert not found.holds
    assert [each.name for each in found.steps][-2:] == [step, "Removal of the jobs"]
    assert found.steps[-1].outcome is Outcome.HELD, found.steps[-1]
    assert left_in(bench.work) == []


class Stubborn(FakeExecutor):
    """Interrupts whoever stops a run, and does not let the run go."""

    def stop(self, address: RunAddress, grace_seconds: float) -> StopReceipt:
        signal.raise_signal(signal.SIGINT)
        return super().stop(address, grace_seconds)

    def clean_up(self, address: RunAddress) -> None:
        raise StartFailed("It stays.", "")


def test_what_stays_is_named_and_a_second_interruption_does_not_keep_the_rest(tmp_path: Path) -> None:
    bench = Bench(tmp_path, kind="fake")
    found = verify(Stubborn(), asked_of(bench, patience_seconds=0.1), nothing)
    removal = found.steps[-1]
    assert (removal.name, removal.outcome) == ("Removal of the jobs", Outcome.FAILED)
    assert sorted(name for name in left_in(bench.work) if name in removal.seen) == sorted(left_in(bench.work)) != []
    assert "Reclaim" in removal.remedy


HALF = {"id": "application_1_7", "state": "RUNNING", "stages": 1, "tasks": 4}
APPLICATIONS = [
    ({**HALF, "stages_done": 1, "tasks_done": 4}, {}, "application_1_7, RUNNING, 1 of 1 stages, 4 of 4 tasks", True),
    (HALF, {"spark.ui.enabled": "false"}, "application_1_7, RUNNING, 0 of 1 stages, 0 of 4 tasks", True),
    (HALF, {}, "No word on the application (id, state, and tasks that are done) in 0.2 s", False),
    ({**HALF, "is_waiting": True, "why": "no room"}, {}, "waiting: no room", False),
    (None, {}, "No word on the application", False),
]


@pytest.mark.parametrize(("told", "configuration", "seen", "holds"), APPLICATIONS)
def test_a_cluster_has_to_tell_of_the_application(
    tmp_path: Path, told: dict[str, object] | None, configuration: dict[str, str], seen: str, holds: bool
) -> None:
    cluster = ClusterSettings("yarn", DeployMode.CLIENT, configuration=configuration)
    bench = Bench(tmp_path, kind="fake", framework=Framework.PYSPARK, cluster=cluster)
    give_orders(bench.work, Orders(polls=None, log="verification: ready\n", application=told))
    found = verify(FakeExecutor(), asked_of(bench, patience_seconds=0.2), nothing)
    step = next(step for step in found.steps if step.name == "Application")
    assert seen in step.seen
    assert (step.outcome is Outcome.HELD) is holds


def broken() -> str:
    raise ZeroDivisionError("ours")


@pytest.mark.parametrize(("deed", "outcome"), [(lambda: "fine", Outcome.HELD), (broken, Outcome.FAILED)])
def test_a_mistake_of_ours_is_a_step_that_failed(deed: Callable[[], str], outcome: Outcome) -> None:
    steps = Steps(nothing)
    assert steps.attempt("Step", "fine", deed) is (outcome is Outcome.HELD)
    assert ("ZeroDivisionError" in steps.done[0].log) is (outcome is Outcome.FAILED)


def test_a_prepared_environment_that_is_gone_is_said(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    asked = replace(asked_of(bench), environment_hash="ab" * 32, framework=Framework.PYTHON)
    found = verify(ProcessExecutor(LocalMachine()), asked, nothing)
    start = next(step for step in found.steps if step.name == "Placing and start")
    assert start.outcome is Outcome.FAILED
    assert "environment" in start.seen
