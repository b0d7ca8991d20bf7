"""Admission: which waiting run gets a slot of its target. Slots are reserved in the database, not counted in memory."""

import shutil
from collections import Counter

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from computes.grants import grant_for
from computes.models import ComputeTarget
from projects.models import Project, Role
from runs.controller.waiting import behind, tell
from runs.models import Run
from runs.status import State
from runs.tasks import nudge_launch

MOST_LOOKED_AT = 500


def admit_waiting() -> int:
    """Give free slots to waiting runs, in the order they were queued, on every target. Returns how many got one."""
    waiting = Run.objects.filter(state=State.QUEUED, admitted_at=None, cancel_requested_at=None)
    targets = list(waiting.values_list("target_id", flat=True).distinct().order_by())
    return sum(admit_on(target_id) for target_id in targets)


def admit_on(target_id: int) -> int:
    """Admit runs on one target while its row is locked, and tell the others in words why they wait."""
    admitted = 0
    with transaction.atomic():
        target = ComputeTarget.objects.select_for_update().get(pk=target_id)
        queue = list(
            Run.objects.filter(state=State.QUEUED, admitted_at=None, cancel_requested_at=None, target=target)
            .select_related("created_by", "project")
            .order_by("queued_at", "id")[:MOST_LOOKED_AT]
        )
        holders = list(Run.objects.holding_slots().filter(target=target).select_related("created_by"))
        obstacle = obstacle_of(target)
        used = Counter(run.grant_id for run in holders)
        ahead: list[Run] = []
        for run in queue:
            reason = obstacle or reason_to_wait(run, target, holders, ahead, used)
            if reason:
                tell(run, reason)
                ahead.append(run)
                continue
            if Run.objects.filter(pk=run.pk, state=State.QUEUED, admitted_at=None, cancel_requested_at=None).update(
                admitted_at=timezone.now(), wait_reason=""
            ):
                nudge_launch(run.pk)
                holders.append(run)
                used[run.grant_id] += 1
                admitted += 1
    return admitted


def obstacle_of(target: ComputeTarget) -> str:
    """Return why nothing at all starts on a target now, or empty."""
    if target.is_draining:
        return f"{target.name} is being drained" + (f": {target.drain_reason}" if target.drain_reason else "")
    if shutil.disk_usage(settings.DATA_DIR).free < settings.FREE_SPACE_FLOOR_BYTES:
        return "the server's disk is nearly full; an administrator must free some space"
    return ""


def reason_to_wait(
    run: Run, target: ComputeTarget, holders: list[Run], ahead: list[Run], used: Counter[int | None]
) -> str:
    """Return why a run cannot start now, or empty. Rights are asked again: they may have changed since the submit."""
    if len(holders) >= target.slots:
        return behind(ahead or holders)
    may_run = run.created_by is not None and Project.objects.with_role(run.created_by, Role.RUNNER).filter(
        pk=run.project_id
    )
    allowance = grant_for(run.created_by, run.project, target) if may_run and run.created_by else None
    if allowance is None:
        return f"{target.name} is off, or {run.created_by} may not use it any more"
    if allowance.slots is not None and used[allowance.grant_id] >= allowance.slots:
        same = [holder for holder in holders if holder.grant_id == allowance.grant_id]
        return f"the grant allows {allowance.slots} at once; {behind(same)}"
    return ""
