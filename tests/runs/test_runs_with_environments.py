"""Runs on a target whose environments we make: real builders that obey orders, and a fake executor."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.brokers import get_broker
from django_q.signing import SignedPackage

from computes.build_folder import Attempt
from computes.executors.fake_orders import Orders, give_orders
from computes.models import ComputeTarget, EnvironmentLock, TargetEnvironment
from computes.supervisor.files import read_json
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.cancellation import request_cancel
from runs.controller.admission import admit_waiting
from runs.controller.builds import BuildWatch
from runs.controller.chores import Chores
from runs.environment_preparation import prepare_environment
from runs.environment_pruning import prunable_on, prune
from runs.execution_requests import request_of
from runs.lifecycle.ending import clean_up
from runs.lifecycle.environment import build_has_ended
from runs.lifecycle.launch import launch
from runs.lifecycle.stop import stop
from runs.models import Run
from runs.status import State
from runs.submission import Submission, SubmissionRefused, rerun, submit_run
from runs.waking_broker import WakingOrmBroker
from tests.computes.django.environment_parts import Workshop
from tests.stack.pace import pause_after

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 120.0
UNPREPARED = "Script: hello.py\nTarget: bench\nFramework: Python\nPrepareEnvironment: false\n"


@pytest.fixture(autouse=True)
def empty_queue(data_dir: Path) -> None:
    """Begin with nothing in the task queue."""
    get_broker().purge_queue()


def submit(user: User, workshop: Workshop, folder: Path, *orders: str, **fields: object) -> Run:
    """Submit a run whose project asks for an environment with some orders for its builder."""
    (folder / "requirements.txt").write_text("".join(f"{order}\n" for order in orders))
    Project.objects.filter(pk=workshop.project.pk).update(current_snapshot=take_snapshot(workshop.project, folder))
    project = Project.objects.get(pk=workshop.project.pk)
    run = submit_run(user, project, Submission(script="hello.py", target="bench", **fields))  # type: ignore[arg-type]
    admit_waiting()
    return run


def work_off_tasks() -> None:
    """Do what waits in the task queue, as a worker does."""
    queue = get_broker()
    try:
        while queue.queue_size():
            for identity, payload in queue.dequeue() or ():
                queue.acknowledge(identity)
                task = SignedPackage.loads(payload)
                import_string(task["func"])(*task["args"])
    finally:
        if isinstance(queue, WakingOrmBroker) and queue.receiver is not None:
            queue.receiver.close()


def work_until(is_enough: Callable[[Run], bool], run: Run, watch: BuildWatch | None = None) -> Run:
    """Do what controller and workers do, until a condition holds for a run."""
    watch = watch or BuildWatch()
    began = time.monotonic()
    work_off_tasks()
    run.refresh_from_db()
    while not is_enough(run):
        waited = time.monotonic() - began
        assert waited < PATIENCE_SECONDS, f"it is {run.state}: {run.wait_reason} {run.reason_detail}"
        watch.due = 0.0
        watch.tick(time.monotonic())
        work_off_tasks()
        time.sleep(pause_after(waited, 0.1))
        run.refresh_from_db()
    return run


def runs_or_ended(run: Run) -> bool:
    """Return whether the run has left PREPARING."""
    return run.state not in (State.QUEUED, State.PREPARING)


def is_being_built(run: Run) -> bool:
    """Return whether the run waits, and says what for."""
    return run.wait_reason.startswith("building the environment: Installing packages, ")


def test_a_run_waits_for_its_environment_and_starts_in_it(bob: User, workshop: Workshop, project_folder: Path) -> None:
    run = work_until(is_being_built, submit(bob, workshop, project_folder, "wait"))
    assert (run.state, run.lease_token, run.attempts) == (State.PREPARING, None, 0)
    assert (run.folder / "build.log").read_text() == "Solving for linux-64.\nInstalling packages.\n"
    workshop.go()
    run = work_until(runs_or_ended, run)
    assert run.state == State.RUNNING
    assert run.wait_reason == ""
    assert run.environment is not None
    assert run.environment_hash == run.environment.lock_id
    assert request_of(run).environment_hash == run.environment_hash
    assert (run.folder / "build.log").read_text().endswith("The environment is ready.\n")
    assert list(run.environment.projects.all()) == [workshop.project]


def test_the_next_run_finds_it_there_and_waits_for_nothing(bob: User, workshop: Workshop, project_folder: Path) -> None:
    work_until(runs_or_ended, submit(bob, workshop, project_folder, "numpy"))
    second = submit(bob, workshop, project_folder, "numpy")
    work_off_tasks()
    second.refresh_from_db()
    assert second.state == State.RUNNING
    assert len(workshop.starts()) == 1
    assert not (second.folder / "build.log").exists()


def test_two_runs_that_need_one_environment_build_it_once(
    alice: User, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    workshop.target.slots = 2
    workshop.target.save()
    first, second = (submit(user, workshop, project_folder, "wait") for user in (alice, bob))
    work_until(is_being_built, first)
    work_until(is_being_built, second)
    workshop.go()
    assert work_until(runs_or_ended, first).state == State.RUNNING
    assert work_until(runs_or_ended, second).state == State.RUNNING
    assert len(workshop.starts()) == 1


def test_a_builder_that_is_killed_costs_the_run_nothing_but_time(
    bob: User, workshop: Workshop, project_folder: Path
) -> None:
    run = work_until(is_being_built, submit(bob, workshop, project_folder, "wait"))
    row = TargetEnvironment.objects.get()
    known = read_json(str(Attempt.of(row.pk, row.lease_token).process))  # type: ignore[arg-type]
    assert known is not None
    os.kill(known["pid"], signal.SIGKILL)
    workshop.go()
    assert work_until(runs_or_ended, run).state == State.RUNNING
    assert len(workshop.starts()) == 2


def test_a_build_that_fails_ends_the_run_with_the_solvers_words(
    bob: User, workshop: Workshop, project_folder: Path
) -> None:
    run = work_until(runs_or_ended, submit(bob, workshop, project_folder, "fail"))
    assert (run.state, run.reason) == (State.FAILED, "preparation_failed")
    expected = "aml_config/conda_dependencies.yml, line 3: nothing provides numpy 99. Ask for a version that exists."
    assert run.reason_detail == expected
    assert "nothing provides numpy 99" in (run.folder / "build.log").read_text()
    again = work_until(runs_or_ended, submit(bob, workshop, project_folder, "fail"))
    assert again.reason == "preparation_failed"
    assert len(workshop.starts()) == 2, "an earlier failure is no answer to a later run"


def test_a_build_for_which_there_is_no_space_ends_the_run_as_disk_full(
    bob: User, workshop: Workshop, project_folder: Path
) -> None:
    run = work_until(runs_or_ended, submit(bob, workshop, project_folder, "full"))
    assert (run.state, run.reason) == (State.FAILED, "disk_full")
    assert run.reason_detail == "No space was left on the target. Free some."
    workshop.go()
    assert work_until(runs_or_ended, submit(bob, workshop, project_folder, "full")).state == State.RUNNING
    assert not TargetEnvironment.objects.get().is_disk_full


def test_a_cancel_during_a_build_ends_the_run_at_once_and_the_build_with_the_last(
    alice: User, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    first, second = (submit(user, workshop, project_folder, "hang") for user in (alice, bob))
    work_until(is_being_built, first)
    work_until(is_being_built, second)
    request_cancel(first, alice)
    assert work_until(lambda run: run.is_finished, first).state == State.CANCELED
    row = TargetEnvironment.objects.get()
    assert (row.state, row.cancel_requested_at) == (TargetEnvironment.State.BUILDING, None)
    request_cancel(second, bob)
    assert work_until(lambda run: run.is_finished, second).state == State.CANCELED
    work_until(lambda _: not TargetEnvironment.objects.going_on().exists(), second)
    assert TargetEnvironment.objects.get().state == TargetEnvironment.State.MISSING


def test_a_build_that_somebody_asked_for_ahead_goes_on_without_runs(
    alice: User, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    run = submit(bob, workshop, project_folder, "wait")
    prepare_environment(alice, Project.objects.get(pk=workshop.project.pk), "bench")
    work_until(is_being_built, run)
    request_cancel(run, bob)
    work_until(lambda run: run.is_finished, run)
    workshop.go()
    work_until(lambda _: not TargetEnvironment.objects.going_on().exists(), run)
    assert TargetEnvironment.objects.get().state == TargetEnvironment.State.READY


def test_a_run_that_may_prepare_nothing_fails_at_once_and_says_which_button_to_press(
    bob: User, workshop: Workshop, project_folder: Path
) -> None:
    (project_folder / "aml_config" / "quick.runconfig").write_text(UNPREPARED)
    run = submit(bob, workshop, project_folder, "numpy", run_configuration="quick")
    work_off_tasks()
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, "preparation_failed")
    assert "Press Prepare on this run's Environment page" in run.reason_detail
    assert workshop.starts() == []
    work_until(runs_or_ended, submit(bob, workshop, project_folder, "numpy"))
    prepared = submit(bob, workshop, project_folder, "numpy", run_configuration="quick")
    work_off_tasks()
    prepared.refresh_from_db()
    assert prepared.state == State.RUNNING


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("aml_config/gpu.yml", '"aml_config/gpu.yml", and the project has no such file. Add it, correct the path, or'),
        ("null", "null, and the project has requirements.txt. Take that line out to have its packages, or name"),
    ],
)
def test_other_packages_than_the_run_configuration_says_are_never_installed(
    said: str, words: str, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    submit(bob, workshop, project_folder, "numpy")
    text = f"{UNPREPARED}CondaDependenciesFile: {said}\n"
    (project_folder / "aml_config" / "gpu.runconfig").write_text(text)
    with pytest.raises(SubmissionRefused) as refused:
        submit(bob, workshop, project_folder, "numpy", run_configuration="gpu")
    [sentence] = refused.value.errors["run_configuration"]
    assert sentence.startswith(f"aml_config/gpu.runconfig says CondaDependenciesFile: {words}")
    with pytest.raises(SubmissionRefused) as unprepared:
        prepare_environment(bob, Project.objects.get(pk=workshop.project.pk), "bench", "gpu")
    assert unprepared.value.errors == refused.value.errors
    ComputeTarget.objects.filter(pk=workshop.target.pk).update(user_managed_environment=True)
    assert submit(bob, workshop, project_folder, "numpy", run_configuration="gpu"), "the packages are the user's"


def test_null_is_no_contradiction_where_the_project_asks_for_no_packages(
    bob: User, workshop: Workshop, project_folder: Path
) -> None:
    (project_folder / "aml_config" / "bare.runconfig").write_text(f"{UNPREPARED}CondaDependenciesFile: null\n")
    workshop.project.current_snapshot = take_snapshot(workshop.project, project_folder)
    workshop.project.save()
    run = submit_run(bob, workshop.project, Submission(script="hello.py", run_configuration="bare"))
    assert run.configuration["environment_file"] == ""


def test_a_line_that_cannot_be_read_is_named_with_its_file(bob: User, workshop: Workshop, project_folder: Path) -> None:
    run = submit(bob, workshop, project_folder, "numpy", "-r more.txt")
    work_off_tasks()
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, "preparation_failed")
    assert run.reason_detail.startswith("requirements.txt, line 2: ")


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        (
            "requirements.txt",
            b"numpy\n" + b"# \n" * 400_000,
            "requirements.txt: The file is larger than 1,000,000 bytes.",
        ),
        ("pyproject.toml", b"[project]\ndynamic = 5\n", "pyproject.toml: `project.dynamic` is not a list of texts."),
        (
            "aml_config/conda_dependencies.yml",
            b"",
            "aml_config/conda_dependencies.yml cannot be read. The file is empty.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_an_answer_everywhere(
    file: str, content: bytes, words: str, bob: User, workshop: Workshop, project_folder: Path, client: Client
) -> None:
    (project_folder / file).write_bytes(content)
    workshop.project.current_snapshot = take_snapshot(workshop.project, project_folder)
    workshop.project.save()
    run = submit_run(bob, workshop.project, Submission(script="hello.py", target="bench"))
    admit_waiting()
    work_off_tasks()
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, "preparation_failed")
    assert run.reason_detail.startswith(words)
    with pytest.raises(SubmissionRefused) as refused:
        prepare_environment(bob, workshop.project, "bench")
    assert str(refused.value.errors["project"][0]).startswith(words)
    client.force_login(bob)
    assert client.get(workshop.project.get_absolute_url()).status_code == 200


def test_a_file_of_packages_may_be_utf_16(bob: User, workshop: Workshop, project_folder: Path) -> None:
    (project_folder / "requirements.txt").write_bytes("numpy\r\nscipy\r\n".encode("utf-16"))
    workshop.project.current_snapshot = take_snapshot(workshop.project, project_folder)
    workshop.project.save()
    assert prepare_environment(bob, workshop.project, "bench").asked["pip"] == ["numpy", "scipy"]


@pytest.mark.parametrize("file", ["requirements.txt", ""])
def test_a_project_without_a_conda_file_chooses_its_python(
    file: str, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    (project_folder / ".python-version").write_text("3.12.4\n")
    if file:
        (project_folder / file).write_text("numpy\n")
    workshop.project.current_snapshot = take_snapshot(workshop.project, project_folder)
    workshop.project.save()
    row = prepare_environment(bob, workshop.project, "bench")
    assert row.asked["conda"] == ["python 3.12.4"]
    assert row.asked["source"] == (file or ".python-version")
    (project_folder / ".python-version").write_text("pypy3.10\n")
    run = submit(bob, workshop, project_folder, "numpy")
    work_off_tasks()
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, "preparation_failed")
    assert run.reason_detail.startswith(".python-version, line 1: `pypy3.10` is no version of Python")


def test_a_repeated_run_takes_the_very_lock_of_the_first(bob: User, workshop: Workshop, project_folder: Path) -> None:
    first = work_until(runs_or_ended, submit(bob, workshop, project_folder, "numpy"))
    EnvironmentLock.objects.get(hash=first.environment_hash)
    second = rerun(bob, first)
    admit_waiting()
    second = work_until(runs_or_ended, second)
    assert second.state == State.RUNNING
    assert second.environment_hash == first.environment_hash
    assert [start["lock"] for start in workshop.starts()] == ["", first.environment_hash]


def test_a_repeated_run_that_may_prepare_nothing_finds_the_environment_of_the_first(
    bob: User, workshop: Workshop, project_folder: Path
) -> None:
    ComputeTarget.objects.filter(pk=workshop.target.pk).update(slots=3)
    work_until(runs_or_ended, submit(bob, workshop, project_folder, "numpy"))
    (project_folder / "aml_config" / "quick.runconfig").write_text(UNPREPARED)
    first = work_until(runs_or_ended, submit(bob, workshop, project_folder, "numpy", run_configuration="quick"))
    assert first.environment is not None
    second = rerun(bob, first)
    admit_waiting()
    second = work_until(runs_or_ended, second)
    assert (second.state, second.reason_detail) == (State.RUNNING, "")
    assert (second.environment, second.environment_hash) == (first.environment, first.environment_hash)
    assert len(workshop.starts()) == 1


def test_a_silent_target_is_no_end_of_a_build(bob: User, workshop: Workshop, project_folder: Path) -> None:
    run = work_until(is_being_built, submit(bob, workshop, project_folder, "wait"))
    Run.objects.filter(pk=run.pk).update(nudged_at=None)
    Chores().repeat_nudges()
    assert get_broker().queue_size() == 0, "a run that waits for a build needs no nudge"
    assert not build_has_ended(run)
    workshop.go()
    work_until(runs_or_ended, run)


def says_that_the_target_is_silent(run: Run) -> bool:
    """Return whether the run waits, and says why and what to do about it."""
    return run.wait_reason == "building the environment: bench.example is silent. Check the network."


def test_a_run_whose_target_is_silent_while_its_environment_is_built_waits_until_it_answers(
    bob: User, workshop: Workshop, project_folder: Path
) -> None:
    run = work_until(says_that_the_target_is_silent, submit(bob, workshop, project_folder, "silent"))
    assert (run.state, run.lease_token, run.attempts) == (State.PREPARING, None, 0)
    assert "bench.example is silent." in (run.folder / "build.log").read_text()
    workshop.go()
    TargetEnvironment.objects.update(lease_expires_at=timezone.now())
    assert work_until(runs_or_ended, run).state == State.RUNNING


def said_of_the_cancel(run: Run) -> list[str]:
    """Return what the run's history has on its cancel; what the target said to the stop would be there."""
    return list(run.events.filter(kind="cancel").values_list("text", flat=True))


def test_a_cancel_ends_a_run_that_waits_for_a_build_and_asks_no_silent_target(
    alice: User, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    folder = Path(workshop.target.work_folder)
    give_orders(folder, Orders(unreachable="bench.example is silent."))
    first, second = (submit(user, workshop, project_folder, "silent") for user in (alice, bob))
    work_until(says_that_the_target_is_silent, first)
    work_until(says_that_the_target_is_silent, second)
    request_cancel(Run.objects.get(pk=first.pk), alice)
    work_off_tasks()
    first.refresh_from_db()
    assert (first.state, first.is_cleaned_up) == (State.CANCELED, False)
    assert said_of_the_cancel(first) == ["cancel requested"], "the target was not asked"
    row = TargetEnvironment.objects.get()
    assert (row.state, row.cancel_requested_at) == (TargetEnvironment.State.BUILDING, None)
    request_cancel(Run.objects.get(pk=second.pk), bob)
    work_until(lambda _: not TargetEnvironment.objects.going_on().exists(), second)
    launch(second.pk)
    second.refresh_from_db()
    assert (second.state, said_of_the_cancel(second)) == (State.CANCELED, ["cancel requested"])
    assert not TargetEnvironment.objects.going_on().exists(), "nothing is built for a run that was canceled"
    give_orders(folder, Orders())
    clean_up(first.pk)
    first.refresh_from_db()
    assert first.is_cleaned_up


def test_a_cancel_whose_nudge_was_lost_needs_no_turn_on_the_silent_target(
    alice: User, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    give_orders(Path(workshop.target.work_folder), Orders(unreachable="bench.example is silent."))
    runs = [submit(user, workshop, project_folder, "silent") for user in (alice, bob)]
    for run in runs:
        work_until(says_that_the_target_is_silent, run)
        Run.objects.filter(pk=run.pk).update(cancel_requested_at=timezone.now(), nudged_at=None)
    Chores().repeat_nudges()
    work_off_tasks()
    assert [Run.objects.get(pk=run.pk).state for run in runs] == [State.CANCELED, State.CANCELED]


def test_a_cancel_asks_the_target_where_a_launch_has_broken_off(
    bob: User, workshop: Workshop, project_folder: Path
) -> None:
    give_orders(Path(workshop.target.work_folder), Orders(unreachable="bench.example is silent."))
    run = work_until(says_that_the_target_is_silent, submit(bob, workshop, project_folder, "silent"))
    Run.objects.filter(pk=run.pk).update(lease_token=uuid4(), lease_expires_at=timezone.now())
    request_cancel(Run.objects.get(pk=run.pk), bob)
    stop(run.pk)
    run.refresh_from_db()
    assert run.state == State.PREPARING
    assert any("bench.example is silent." in text for text in said_of_the_cancel(run))


def test_a_cancel_asks_the_target_where_its_program_may_have_been_started(
    bob: User, workshop: Workshop, project_folder: Path
) -> None:
    run = work_until(is_being_built, submit(bob, workshop, project_folder, "wait"))
    give_orders(
        Path(workshop.target.work_folder),
        Orders(unreachable="bench.example is silent.", start_error="TargetUnreachable"),
    )
    workshop.go()
    run = work_until(lambda run: run.unreachable_since is not None, run)
    assert (run.state, bool(run.environment_hash)) == (State.PREPARING, True)
    request_cancel(run, bob)
    stop(run.pk)
    run.refresh_from_db()
    assert run.state == State.PREPARING
    assert any("bench.example is silent." in text for text in said_of_the_cancel(run))


def test_pruning_removes_what_nobody_uses_least_recently_used_first(
    ada: User, bob: User, workshop: Workshop, project_folder: Path
) -> None:
    run = work_until(runs_or_ended, submit(bob, workshop, project_folder, "numpy"))
    assert prunable_on(workshop.target) == [], "a run that is on uses it"
    assert prune(workshop.target, [run.environment_hash]) == []
    Run.objects.filter(pk=run.pk).update(state=State.COMPLETED)
    assert [each.hash for each in prunable_on(workshop.target)] == [run.environment_hash]
    assert prune(workshop.target, [run.environment_hash, "unknown"]) == [run.environment_hash]
    assert TargetEnvironment.objects.get().state == TargetEnvironment.State.REMOVING


def test_what_a_run_on_another_target_uses_is_not_pruned(bob: User, workshop: Workshop, project_folder: Path) -> None:
    run = work_until(runs_or_ended, submit(bob, workshop, project_folder, "numpy"))
    twin = ComputeTarget.objects.create(name="twin", kind="local", work_folder=workshop.target.work_folder)
    TargetEnvironment.objects.create(
        target=twin, digest="1" * 64, asked={}, state="ready", lock_id=run.environment_hash
    )
    assert prunable_on(twin) == [], "both may be in one work folder"
    assert prune(twin, [run.environment_hash]) == []
    Run.objects.filter(pk=run.pk).update(state=State.COMPLETED)
    assert prune(twin, [run.environment_hash]) == [run.environment_hash]


def test_nothing_changes_where_the_user_looks_after_the_packages(bob: User, workshop: Workshop) -> None:
    workshop.target.user_managed_environment = True
    workshop.target.save()
    run = submit_run(bob, workshop.project, Submission(script="hello.py", target="bench"))
    admit_waiting()
    work_off_tasks()
    run.refresh_from_db()
    assert (run.state, run.environment_hash, run.environment) == (State.RUNNING, "", None)
    assert not TargetEnvironment.objects.exists()


def test_a_repeated_run_never_does_without_its_lock_in_silence(
    bob: User, workshop: Workshop, project_folder: Path
) -> None:
    run = work_until(runs_or_ended, submit(bob, workshop, project_folder, "numpy"))
    targets = ComputeTarget.objects.filter(pk=workshop.target.pk)
    targets.update(user_managed_environment=True)
    run = Run.objects.get(pk=run.pk)
    with pytest.raises(SubmissionRefused) as refused:
        rerun(bob, run)
    assert list(refused.value.errors) == ["environment_lock"]
    assert str(refused.value).startswith("No environment is prepared on bench any more")
    client = Client()
    client.force_login(bob)
    page = client.post(f"{run.get_absolute_url()}rerun/", follow=True)
    assert page.redirect_chain[0][0].endswith(f"/submit/?parent={run.number}")
    assert "No environment is prepared on bench any more" in page.content.decode()
    anew = submit(bob, workshop, project_folder, "numpy")
    assert anew.configuration["environment_lock"] == ""
    targets.update(user_managed_environment=False, slots=3)
    second = rerun(bob, Run.objects.get(pk=run.pk))
    targets.update(user_managed_environment=True)
    admit_waiting()
    second = work_until(runs_or_ended, second)
    assert (second.state, second.reason) == (State.FAILED, "preparation_failed")
    assert "bench was set to prepare no environments" in second.reason_detail


def test_an_environment_that_was_removed_behind_our_back_is_built_again_once(
    bob: User, workshop: Workshop, project_folder: Path
) -> None:
    first = work_until(runs_or_ended, submit(bob, workshop, project_folder, "numpy"))
    give_orders(Path(workshop.target.work_folder), Orders(gone=(first.environment_hash,)))
    second = work_until(runs_or_ended, submit(bob, workshop, project_folder, "numpy"))
    assert len(workshop.starts()) == 2
    assert (second.state, second.reason) == (State.FAILED, "preparation_failed")
    assert second.reason_detail == "The environment is gone as ordered. Run it again."
    give_orders(Path(workshop.target.work_folder), Orders())
    third = work_until(runs_or_ended, submit(bob, workshop, project_folder, "numpy"))
    assert third.state == State.RUNNING
