"""Who acts on an old look at a run, or dies half-way, neither ends a program unseen nor leaves one behind."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from computes.contract import Condition
from computes.models import ComputeTarget
from computes.supervisor.locks import take_launch_lock
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.cancellation import request_cancel
from runs.controller.admission import FIRST_LOOK, admit_waiting
from runs.execution_requests import address_of, executor_of, request_of
from runs.leases import claim
from runs.lifecycle.ending import clean_up
from runs.lifecycle.finish import finish
from runs.lifecycle.launch import MOST_ATTEMPTS, launch
from runs.lifecycle.stop import stop
from runs.models import Run
from runs.status import FailureReason, State
from runs.submission import Submission, submit_run
from runs.transitions import move
from tests.computes.on_targets import wait_for
from tests.runs.test_lifecycle import follow

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(bob: User, project: Project, project_folder: object, local_target: ComputeTarget) -> Run:
    """A run that sleeps, queued."""
    (project_folder / "sleep.py").write_text("import time\ntime.sleep(600)\n")  # type: ignore[operator]
    project.current_snapshot = take_snapshot(project, project_folder)  # type: ignore[arg-type]
    project.save()
    return submit_run(bob, project, Submission(script="sleep.py", target="local"))


def stop_for_good(run: Run) -> None:
    """End the program of a test."""
    executor_of(run).stop(address_of(run), 0)
    wait_for(lambda: executor_of(run).poll(address_of(run)).condition is Condition.EXITED, "the program's end")


def test_a_cancel_by_somebody_who_saw_the_run_waiting_is_kept_while_it_starts(run: Run, bob: User) -> None:
    stale = Run.objects.get(pk=run.pk)
    admit_waiting()
    move(Run.objects.get(pk=run.pk), State.PREPARING)
    assert request_cancel(stale, bob)
    assert stale.state == State.PREPARING
    assert stale.cancel_requested_at is not None
    launch(run.pk)
    follow(run)
    finish(run.pk)
    run.refresh_from_db()
    assert run.state == State.CANCELED
    assert run.is_cleaned_up
    assert executor_of(run).poll(address_of(run)).condition is Condition.ABSENT


def test_a_stop_that_saw_the_run_waiting_leaves_the_launch_its_end(run: Run, bob: User) -> None:
    admit_waiting()
    request = request_of(Run.objects.get(pk=run.pk))
    move(Run.objects.get(pk=run.pk), State.PREPARING)
    Run.objects.filter(pk=run.pk).update(cancel_requested_at=timezone.now())
    assert not move(run, State.CANCELED, before=State.QUEUED)
    executor_of(run).start(request)
    stop(run.pk)
    launch(run.pk)
    follow(run)
    finish(run.pk)
    run.refresh_from_db()
    assert run.state == State.CANCELED


def test_an_admitted_run_is_cancelled_at_once(run: Run, bob: User) -> None:
    admit_waiting()
    assert request_cancel(run, bob)
    run.refresh_from_db()
    assert run.state == State.CANCELED
    launch(run.pk)
    assert executor_of(run).poll(address_of(run)).condition is Condition.UNREACHABLE, "nothing was ever placed there"


def test_a_program_whose_launch_broke_off_too_often_runs_on_in_sight(run: Run) -> None:
    admit_waiting()
    move(run, State.PREPARING)
    executor_of(run).start(request_of(Run.objects.get(pk=run.pk)))
    Run.objects.filter(pk=run.pk).update(attempts=MOST_ATTEMPTS)
    launch(run.pk)
    run.refresh_from_db()
    assert run.state == State.RUNNING
    stop_for_good(run)


def test_a_launch_that_broke_off_too_often_without_a_program_is_our_failure(run: Run) -> None:
    admit_waiting()
    move(run, State.PREPARING)
    Run.objects.filter(pk=run.pk).update(attempts=MOST_ATTEMPTS)
    launch(run.pk)
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, FailureReason.INTERNAL_ERROR)
    assert claim(run.pk, State.PREPARING) is None


def test_a_launch_that_broke_off_too_often_while_another_one_is_frozen_does_not_count_as_running(run: Run) -> None:
    admit_waiting()
    move(run, State.PREPARING)
    Run.objects.filter(pk=run.pk).update(attempts=MOST_ATTEMPTS)
    folder = Path(run.target.work_folder) / "runs" / f"{settings.INSTALLATION_ID}-{run.pk.hex}"
    frozen = take_launch_lock(str(folder), 1.0)
    assert frozen is not None
    launch(run.pk)
    run.refresh_from_db()
    assert (run.state, run.lease_token) == (State.PREPARING, None)
    os.close(frozen)
    launch(run.pk)
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, FailureReason.INTERNAL_ERROR)


def test_a_program_that_outlived_its_run_is_stopped_and_cleaned_up(run: Run) -> None:
    admit_waiting()
    launch(run.pk)
    changes = {"reason": FailureReason.TARGET_LOST, "log_is_complete": True}
    assert move(run, State.FAILED, changes=changes)
    clean_up(run.pk)
    wait_for(lambda: executor_of(run).poll(address_of(run)).condition is not Condition.ALIVE, "the program's end")
    clean_up(run.pk)
    run.refresh_from_db()
    assert run.is_cleaned_up


def test_a_long_queue_of_one_grant_does_not_hold_up_others(
    run: Run, alice: User, bob: User, project: Project, local_target: ComputeTarget
) -> None:
    local_target.grants.all().delete()
    local_target.slots = 3
    local_target.save()
    local_target.grants.create(user=bob, slots=1)
    local_target.grants.create(user=alice)
    for _ in range(FIRST_LOOK + 2):
        submit_run(bob, project, Submission(script="sleep.py", target="local"))
    Run.objects.update(queued_at=timezone.now() - timedelta(hours=1))
    Run.objects.filter(pk=run.pk).update(queued_at=timezone.now() - timedelta(hours=2))  # its grant is gone
    others = submit_run(alice, project, Submission(script="sleep.py", target="local"))
    assert admit_waiting() == 2
    others.refresh_from_db()
    assert others.admitted_at is not None
    assert Run.objects.filter(created_by=bob, admitted_at__isnull=False).count() == 1
