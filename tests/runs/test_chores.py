"""What the controller repeats now and then."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from computes.models import ComputeTarget
from projects.models import Project
from runs.controller.admission import admit_waiting
from runs.controller.chores import Chores
from runs.models import Heartbeat, Run
from runs.submission import Submission, submit_run
from runs.tasks import WORKERS

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
