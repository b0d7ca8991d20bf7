"""Nudges: the only door to the task queue. A nudge carries a run's id; it may come late, twice or never."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_q.exceptions import TimeoutException
from django_q.tasks import async_task

from computes.tasks import errors_of_the_queue
from runs.lifecycle import ending, finish, launch, stop
from runs.lifecycle.cleaning import carry_out_cleaning
from runs.long_deeds import go_on_beside
from runs.models import Heartbeat, Run
from runs.turns import launch_in_turn

WORKERS = "workers"

log = logging.getLogger(__name__)


def nudge(deed: str, run_id: UUID) -> None:
    """Queue a deed for a run when the surrounding transaction is committed, and note when."""
    Run.objects.filter(pk=run_id).update(nudged_at=timezone.now())
    queue(deed, run_id)


def queue(deed: str, run_id: UUID) -> None:
    """Queue a deed for a run on which the time is noted already, when the surrounding transaction is committed."""
    transaction.on_commit(lambda: enqueue(deed, run_id.hex))


def enqueue(task: str, *arguments: str | int) -> None:
    """Queue a task. A queue that does not answer loses it, which costs only time: the controller nudges again."""
    try:
        async_task(f"runs.tasks.{task}", *arguments)
    except errors_of_the_queue() as error:
        log.warning("The task queue does not answer, so %s is asked for again later: %s", task, error)


def nudge_launch(run_id: UUID) -> None:
    """Ask the task workers to launch a run that was admitted."""
    nudge("launch_run", run_id)


def queue_launch(run_id: UUID) -> None:
    """Do the same for a run on which it is noted already that it was nudged."""
    queue("launch_run", run_id)


def nudge_stop(run_id: UUID) -> None:
    """Ask the task workers to stop a run whose cancel was requested."""
    nudge("stop_run", run_id)


def nudge_finish(run_id: UUID) -> None:
    """Ask the task workers to finish a run whose program has ended."""
    nudge("finish_run", run_id)


def nudge_clean_up(run_id: UUID) -> None:
    """Ask the task workers to remove what an ended run left on its target."""
    nudge("clean_up_run", run_id)


def nudge_cleaning(errand_id: int) -> None:
    """Ask the task workers to remove what an administrator has chosen. Call it after the row is committed."""
    enqueue("clean_target", errand_id)


def send_canary() -> None:
    """Queue a task whose answer shows that the workers do their work."""
    enqueue("answer_canary")


@contextmanager
def with_more_time(deed: str, run_id: str) -> Iterator[None]:
    """Have a deed for which a task has no time done by a process of its own."""
    try:
        yield
    except TimeoutException:
        go_on_beside(deed, UUID(run_id))
        raise


def launch_run(run_id: str) -> None:
    """Task: launch a run, when it is its turn at its target."""
    with with_more_time("launch", run_id):
        launch_in_turn(UUID(run_id), launch.launch, nudge_launch)


def stop_run(run_id: str) -> None:
    """Task: stop a run."""
    stop.stop(UUID(run_id))


def finish_run(run_id: str) -> None:
    """Task: finish a run."""
    with with_more_time("finish", run_id):
        finish.finish(UUID(run_id))


def clean_up_run(run_id: str) -> None:
    """Task: clean up after a run."""
    ending.clean_up(UUID(run_id))


def clean_target(errand_id: int) -> None:
    """Task: carry out a clean-up, and leave the rest to another task where there was no time for all of it."""
    if (rest := carry_out_cleaning(errand_id)) is not None:
        nudge_cleaning(rest.pk)


def answer_canary() -> None:
    """Task: note that the workers are alive."""
    now = timezone.now()
    if not Heartbeat.objects.filter(name=WORKERS).update(beat_at=now):
        Heartbeat.objects.update_or_create(name=WORKERS, defaults={"beat_at": now})
