"""What the controller repeats now and then."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from computes import tasks
from computes.cache_cleaning import clean_caches_of, targets_with_caches
from computes.checking import request_check
from computes.models import ComputeTarget, TargetEnvironment
from computes.survey_requests import request_survey
from projects.models import Project
from runs.controller.admission import admit_waiting
from runs.controller.builds import BuildWatch
from runs.controller.chores import Chores
from runs.models import Heartbeat, Run
from runs.status import State
from runs.submission import Submission, submit_run
from runs.tasks import WORKERS
from tests.computes.django.run_rows import add_run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("silence", "nudged", "is_repeated"), [(1, 6, True), (300, 6, False), (300, 61, True)])
def test_a_nudge_is_repeated_and_slower_while_no_worker_answers(
    bob: User, project: Project, local_target: ComputeTarget, silence: int, nudged: int, is_repeated: bool
) -> None:
    run = submit_run(bob, project, Submission(script="hello.py", target="local"))
    admit_waiting()
    now = timezone.now()
    Heartbeat.objects.create(name=WORKERS, beat_at=now - timedelta(seconds=silence))
    Run.objects.filter(pk=run.pk).update(nudged_at=now - timedelta(seconds=nudged))
    Chores().repeat_nudges()
    assert Run.objects.filter(pk=run.pk, nudged_at__gte=now).exists() is is_repeated


@pytest.mark.parametrize(
    ("ended", "nudged", "is_repeated"), [(31, 31, True), (300, None, True), (300, 5, False), (5, 300, False)]
)
def test_a_clean_up_that_was_cut_off_is_asked_for_again(
    project: Project, local_target: ComputeTarget, ended: int, nudged: int | None, is_repeated: bool
) -> None:
    now = timezone.now()
    facts = {"state": State.COMPLETED, "log_is_complete": True, "finished_at": now - timedelta(seconds=ended)}
    run = add_run(project, local_target, 1, **facts)
    if nudged is not None:
        Run.objects.filter(pk=run.pk).update(nudged_at=now - timedelta(seconds=nudged))
    Chores().repeat_clean_ups()
    assert Run.objects.filter(pk=run.pk, nudged_at__gte=now).exists() is is_repeated


def test_caches_of_targets_are_cleaned_by_age_and_size(
    local_target: ComputeTarget, settings: Settings, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    ComputeTarget.objects.filter(pk=local_target.pk).update(work_folder=str(work))
    old = work / "blobs" / "aa" / ("0" * 62)
    old.parent.mkdir(parents=True)
    (work / ".amlweb").write_text(f"{settings.INSTALLATION_ID}\n")
    old.write_bytes(b"x" * 1000)
    os.utime(old, (0, time.time() - 2 * 86_400))
    assert clean_caches_of(local_target.pk) == 0, "neither old nor too much"
    settings.TARGET_CACHE_BYTES = 500
    assert targets_with_caches() == [local_target]
    assert clean_caches_of(local_target.pk) == 1000
    assert not old.exists()
    ComputeTarget.objects.filter(pk=local_target.pk).update(contact_problem="silent")
    assert targets_with_caches() == []
    assert clean_caches_of(0) == 0, "a target that is gone"


def test_a_queue_that_does_not_answer_ends_neither_the_controller_nor_a_request(
    local_target: ComputeTarget, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise tasks.errors_of_the_queue()[-1]("connection refused")

    ComputeTarget.objects.filter(pk=local_target.pk).update(last_contact_at=timezone.now())
    monkeypatch.setattr(tasks, "async_task", refuse)
    assert Chores().clean_caches() > 0
    assert request_check(local_target, ada).started_at is None
    assert request_survey(local_target, ada).started_at is None
    building, now = TargetEnvironment.State.BUILDING, timezone.now()
    row = TargetEnvironment.objects.create(target=local_target, digest="0" * 64, asked={}, state=building, asked_at=now)
    BuildWatch().tick(time.monotonic())
    row.refresh_from_db()
    assert row.nudged_at is not None, "it is nudged again after some seconds"
