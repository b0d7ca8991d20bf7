"""A target that does not answer: no run ends by it before its time, the page says why, and others do not wait."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from computes.models import ComputeTarget, TargetEnvironment
from projects.models import Project
from runs.beliefs import belief_about
from runs.cancellation import request_cancel
from runs.controller.admission import admit_waiting
from runs.controller.chores import MOST_AT_ONCE, Chores
from runs.controller.pace import FIRST_LOOKS, FIRST_TICK_SECONDS, TICK_SECONDS
from runs.controller.silent_targets import PACE_SECONDS
from runs.controller.watcher import TargetWatcher
from runs.lifecycle.finish import MOST_ATTEMPTS, finish
from runs.lifecycle.launch import launch
from runs.models import Heartbeat, Run
from runs.status import State
from runs.submission import Submission, submit_run
from tests.computes.django.run_rows import add_run
from tests.runs.test_lifecycle import follow

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def submit(bob: User, project: Project, local_target: ComputeTarget) -> Callable[[], Run]:
    """Submit a run to the local target."""
    Heartbeat.objects.create(name="controller", beat_at=timezone.now())
    return lambda: submit_run(bob, project, Submission(script="hello.py", target="local"))


def launched(submit: Callable[[], Run]) -> Run:
    """Submit a run and start it."""
    run = submit()
    admit_waiting()
    launch(run.pk)
    return run


@pytest.fixture
def disk(local_target: ComputeTarget) -> Path:
    """The target's work folder. Where it is not there, nothing is known."""
    return Path(local_target.work_folder)


def test_however_long_a_target_is_silent_at_the_end_its_run_is_finished_afterwards(
    submit: Callable[[], Run], disk: Path
) -> None:
    run = launched(submit)
    follow(run)
    away = disk.rename(disk.with_name("away"))
    for _ in range(MOST_ATTEMPTS + 2):
        finish(run.pk)
    run.refresh_from_db()
    assert run.state == State.FINALIZING
    assert run.unreachable_since is not None
    belief = belief_about(run)
    assert belief.is_worrying
    assert "is its disk mounted? Mount the disk" in belief.text
    assert "fetched as soon as it answers" in belief.text
    away.rename(disk)
    finish(run.pk)
    run.refresh_from_db()
    assert (run.state, run.unreachable_since, run.wait_reason) == (State.COMPLETED, None, "")
    contacts = list(run.events.filter(kind="contact").values_list("text", flat=True))
    assert len(contacts) == 2
    assert contacts[1] == "The target answers again."


def test_a_target_that_stays_silent_at_the_end_loses_the_run_when_patience_is_over(
    submit: Callable[[], Run], disk: Path, local_target: ComputeTarget
) -> None:
    run = launched(submit)
    follow(run)
    disk.rename(disk.with_name("away"))
    finish(run.pk)
    long_ago = timezone.now() - timedelta(seconds=local_target.lost_after_seconds + 1)
    Run.objects.filter(pk=run.pk).update(unreachable_since=long_ago)
    finish(run.pk)
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, "target_lost")
    assert "no contact for 24.0 hours" in run.reason_detail


def test_each_reason_of_a_silence_is_told_once_and_the_last_one_is_shown(
    submit: Callable[[], Run], disk: Path, local_target: ComputeTarget
) -> None:
    run = launched(submit)
    away = disk.rename(disk.with_name("away"))
    watcher = TargetWatcher(local_target.pk, Event())
    for _ in range(2):
        watcher.look()
        disk.write_text("no folder")
        watcher.look()
        run.refresh_from_db()
        assert "Not a directory" in run.wait_reason
        assert "Not a directory" in belief_about(run).text
        disk.unlink()
    watcher.look()
    assert run.events.filter(kind="contact").count() == 2
    local_target.refresh_from_db()
    assert "Mount the disk" in local_target.contact_problem
    away.rename(disk)
    follow(run)
    local_target.refresh_from_db()
    assert local_target.contact_problem == ""


def test_the_first_looks_at_a_run_follow_each_other_closely_but_not_for_ever(
    submit: Callable[[], Run], disk: Path, local_target: ComputeTarget
) -> None:
    run = launched(submit)
    away = disk.rename(disk.with_name("away"))
    watcher = TargetWatcher(local_target.pk, Event())
    for _ in range(FIRST_LOOKS - 1):
        watcher.look()
        assert watcher.pace.seconds() == FIRST_TICK_SECONDS
    watcher.look()
    assert watcher.pace.seconds() == TICK_SECONDS
    away.rename(disk)
    another = TargetWatcher(local_target.pk, Event())
    another.look()
    run.refresh_from_db()
    assert run.log_is_linked
    assert another.pace.seconds() == TICK_SECONDS, "its log needs no copying"
    follow(run)


def nudged(moment: object) -> int:
    """Return how many runs were nudged since."""
    return int(Run.objects.filter(nudged_at__gte=moment).count())


def test_on_a_silent_target_one_run_is_tried_at_a_time(
    submit: Callable[[], Run], local_target: ComputeTarget, bob: User
) -> None:
    ComputeTarget.objects.update(slots=4, contact_problem="The cable is cut.")
    runs = [submit() for _ in range(4)]
    began = timezone.now()
    assert admit_waiting() == 4
    assert nudged(began) == 0
    chores = Chores()
    chores.repeat_nudges()
    chores.repeat_nudges()
    assert nudged(began) == 1
    chores.silent_targets.tried[local_target.pk] -= PACE_SECONDS
    chores.repeat_nudges()
    assert nudged(began) == 2

    Run.objects.filter(pk=runs[0].pk).update(lease_expires_at=timezone.now() + timedelta(seconds=15))
    chores.silent_targets.tried.clear()
    chores.repeat_nudges()
    assert nudged(began) == 2
    Run.objects.filter(pk=runs[0].pk).update(state=State.PREPARING)
    runs[0].refresh_from_db()
    assert request_cancel(runs[0], bob)
    assert nudged(began) == 2

    ComputeTarget.objects.update(contact_problem="")
    chores.repeat_nudges()
    assert nudged(began) == 4


def test_however_many_runs_wait_on_a_silent_target_those_of_others_come_to_their_turn(
    project: Project, local_target: ComputeTarget
) -> None:
    silent = ComputeTarget.objects.create(name="silent", kind="local", contact_problem="The cable is cut.")
    ended = {"state": State.FAILED, "log_is_complete": True, "finished_at": timezone.now() - timedelta(hours=1)}
    other = add_run(project, local_target, 1, **ended)
    for number in range(2, MOST_AT_ONCE + 3):
        add_run(project, silent, number, **ended)
    began = timezone.now()
    chores = Chores()
    chores.repeat_clean_ups()
    other.refresh_from_db()
    assert other.nudged_at is not None
    assert nudged(began) == 2
    chores.silent_targets.tried[silent.pk] -= PACE_SECONDS
    chores.repeat_clean_ups()
    assert nudged(began) == 3, "the next one of the silent target, not the same again"


def test_what_was_canceled_while_its_target_was_silent_is_not_started_when_that_answers(
    submit: Callable[[], Run], disk: Path, bob: User, local_target: ComputeTarget
) -> None:
    follow(launched(submit))
    away = disk.rename(disk.with_name("away"))
    disk.write_text("no folder")
    run = launched(submit)
    run.refresh_from_db()
    assert (run.state, run.unreachable_since is not None) == (State.PREPARING, True)
    assert request_cancel(run, bob)
    disk.unlink()
    away.rename(disk)
    launch(run.pk)
    run.refresh_from_db()
    assert run.state == State.CANCELED
    assert not (run.folder / "log").exists()
    assert not run.events.filter(to_state=State.RUNNING).exists()
    local_target.refresh_from_db()
    assert (run.unreachable_since, local_target.contact_problem) == (None, "")


def test_a_run_whose_image_is_there_by_now_waits_once_for_a_target_that_has_fallen_silent_since(
    submit: Callable[[], Run], disk: Path, local_target: ComputeTarget
) -> None:
    follow(launched(submit))
    disk.rename(disk.with_name("away"))
    disk.write_text("no folder")
    pulled = TargetEnvironment.objects.create(
        target=local_target, digest="0" * 64, asked={}, is_image=True, state=TargetEnvironment.State.READY
    )
    run = submit()
    admit_waiting()
    Run.objects.filter(pk=run.pk).update(environment=pulled)
    launch(run.pk)
    run.refresh_from_db()
    assert (run.state, run.lease_token, run.unreachable_since is not None) == (State.PREPARING, None, True)
