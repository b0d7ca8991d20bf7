"""A state is written once, by whoever is first, with its event in the same transaction."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from computes.models import ComputeTarget
from projects.models import Project
from runs.leases import claim, release
from runs.models import Run, RunEvent
from runs.status import State
from runs.submission import Submission, submit_run
from runs.transitions import move


@pytest.fixture
def run(bob: User, project: Project, local_target: ComputeTarget) -> Run:
    return submit_run(bob, project, Submission(script="hello.py", target="local"))


def test_a_move_from_the_wrong_state_changes_nothing(run: Run) -> None:
    assert not move(run, State.COMPLETED)
    run.refresh_from_db()
    assert run.state == State.QUEUED
    assert RunEvent.objects.filter(run=run).count() == 1


def test_a_terminal_state_never_changes(run: Run) -> None:
    assert move(run, State.CANCELED)
    for state in State:
        assert not move(run, state)
    run.refresh_from_db()
    assert run.state == State.CANCELED


def test_a_stale_object_does_not_win(run: Run) -> None:
    stale = Run.objects.get(pk=run.pk)
    assert move(run, State.PREPARING)
    assert not move(stale, State.PREPARING)
    assert RunEvent.objects.filter(run=run, to_state="preparing").count() == 1


def test_a_lease_is_held_by_one_and_expires(run: Run) -> None:
    move(run, State.PREPARING)
    first = claim(run.pk, State.PREPARING)
    assert first is not None
    assert claim(run.pk, State.PREPARING) is None
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    second = claim(run.pk, State.PREPARING)
    assert second is not None
    assert not move(first[0], State.RUNNING, lease=first[1])
    assert move(second[0], State.RUNNING, lease=second[1])


def test_a_released_lease_can_be_taken_at_once_but_only_by_its_holder(run: Run) -> None:
    move(run, State.PREPARING)
    claimed = claim(run.pk, State.PREPARING)
    assert claimed is not None
    release(run, uuid4())
    assert claim(run.pk, State.PREPARING) is None
    release(*claimed)
    again = claim(run.pk, State.PREPARING)
    assert again is not None
    assert again[0].attempts == 2
