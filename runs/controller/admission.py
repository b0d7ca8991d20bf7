"""Admission: which waiting run gets a slot of its target. Slots are reserved in the database, not counted in memory."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from computes.models import ComputeTarget
from runs.controller.waiting import Line, obstacle_of, tell
from runs.models import Run
from runs.status import State
from runs.tasks import queue_launch

FIRST_LOOK = 10
MOST_HELD_UP = 300
MOST_LOOKED_AT = 500


def waiting_runs() -> "QuerySet[Run]":
    """Return the runs that wait for a slot, in the order they were queued."""
    waiting: QuerySet[Run] = Run.objects.filter(state=State.QUEUED, admitted_at=None, cancel_requested_at=None)
    return waiting.order_by("queued_at", "id")


def targets_with_waiting_runs() -> list[int]:
    """Return the ids of the targets that somebody waits for."""
    return list(waiting_runs().values_list("target_id", flat=True).distinct().order_by())


def admit_waiting() -> int:
    """Give free slots to waiting runs, in the order they were queued, on every target. Returns how many got one."""
    return sum(admit_on(target_id) for target_id in targets_with_waiting_runs())


def admit_on(target_id: int) -> int:
    """Admit runs on one target while its row is locked."""
    admitted = 0
    with transaction.atomic():
        target = ComputeTarget.objects.select_for_update(no_key=True).filter(pk=target_id).first()
        if target is None:  # its last run was canceled, and it was detached, since somebody waited for it
            return 0
        line = Line.at(target)
        if line.is_full or obstacle_of(target):
            return 0
        held_up: set[tuple[int | None, int]] = set()
        while not line.is_full and len(held_up) < MOST_HELD_UP:
            front = queue_without(target, held_up)[:FIRST_LOOK]
            for run in front:
                if line.is_full:
                    break
                if line.reason_to_wait(run):
                    held_up.add((run.created_by_id, run.project_id))
                else:
                    admitted += reserve(run, line)
            if len(front) < FIRST_LOOK:  # that was the whole queue
                break
    return admitted


def queue_without(target: ComputeTarget, held_up: set[tuple[int | None, int]]) -> "QuerySet[Run]":
    """Return a target's queue without the runs of some (person, project), whom their grants hold up: however many they
    have queued, others pass by them."""
    theirs = Q(pk=None)
    for person, project in held_up:
        theirs |= Q(created_by=person, project=project)
    return waiting_runs().exclude(theirs).filter(target=target).select_related("created_by", "project")


def reserve(run: Run, line: Line) -> int:
    """Reserve a slot for a run; 0 when it was cancelled meanwhile.

    It counts for the grant that it is admitted by: the one that it was submitted under may be gone.
    """
    allowance = line.allowance_of(run)
    run.grant_id = allowance.grant_id if allowance else None
    now = timezone.now()
    is_nudged = not line.target.contact_problem  # else one after the other is tried: `runs.controller.silent_targets`
    facts: dict[str, Any] = {"admitted_at": now, "wait_reason": "", "grant_id": run.grant_id}
    if is_nudged:
        facts["nudged_at"] = now
    if not waiting_runs().filter(pk=run.pk).update(**facts):
        return 0
    if is_nudged:
        queue_launch(run.pk)
    line.admit(run)
    return 1


def explain_waiting() -> None:
    """Tell every waiting run in words why it waits. Costs a write only for those whose reason has changed."""
    for target_id in targets_with_waiting_runs():
        with transaction.atomic():
            target = ComputeTarget.objects.filter(pk=target_id).first()
            if target is None:
                continue
            line, obstacle = Line.at(target), obstacle_of(target)
            for run in waiting_runs().filter(target=target).select_related("created_by", "project")[:MOST_LOOKED_AT]:
                tell(run, obstacle or line.reason_to_wait(run))
                line.pass_by(run)
