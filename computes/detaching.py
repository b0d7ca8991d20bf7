"""Detaching a target: it leaves every list, and what is kept of its row says where recorded runs ran."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from computes.action_logs import remove_logs
from computes.locked_target import TargetGone, locked
from computes.models import ComputeTarget, TargetEnvironment
from computes.refusals import TargetRefused
from computes.target_history import note_change

KEPT = frozenset({
    "id", "name", "kind", "description", "created_at", "created_by",
    "address", "port", "work_folder", "python_location", "spark_submit_location", "spark_master",
    "application_url", "spark_ui_url", "history_url", "batch_url",
})  # fmt: skip
FORGOTTEN_ROWS = ("grants", "checks", "errands", "surveys", "contacts", "script_actions")
State = TargetEnvironment.State


@transaction.atomic
def detach_target(target: ComputeTarget, user: User) -> None:
    """Detach a target. This cannot be taken back: of its row only KEPT stays, everything else gets its default, and
    FORGOTTEN_ROWS are removed. Runs that are recorded on it stay, and so do the locks of its environments.

    Raises TargetRefused while runs are on or wait, and while something else goes on there. The row is locked, as it is
    by whoever submits a run or asks for something there: what comes at the same moment is refused, or refuses this.
    """
    try:
        stored = locked(target)
    except TargetGone as gone:
        raise TargetRefused("", f"{target.name} is detached already.", "There is nothing left to do.") from gone
    for obstacle in obstacles(stored):
        raise obstacle
    note_change(stored, user, "Detached the target.")
    actions = list(stored.script_actions.values_list("pk", flat=True))
    for rows in FORGOTTEN_ROWS:
        getattr(stored, rows).all().delete()
    stored.environments.update(sealed_credentials="")
    stored.environments.filter(state=State.READY).update(state=State.MISSING, size_bytes=None)
    forgotten: dict[str, Any] = {
        field.attname: field.get_default() for field in ComputeTarget._meta.concrete_fields if field.name not in KEPT
    }
    facts = {**forgotten, "is_enabled": False, "detached_at": timezone.now()}
    ComputeTarget.objects.filter(pk=stored.pk).update(**facts)
    transaction.on_commit(partial(remove_logs, actions))


def obstacles(target: ComputeTarget) -> Iterator[TargetRefused]:
    """Yield what is in the way of detaching a target whose row is locked."""
    if count := target.runs.active().count():
        runs, wait = ("1 run is", "waits") if count == 1 else (f"{count} runs are", "wait")
        yield TargetRefused(
            "", f"{runs} on {target.name} or {wait} for it.", "Drain the target, and detach it when they have ended."
        )
    if any(row.is_going_on for row in target.environments.select_for_update().defer("packages").order_by("pk")):
        yield TargetRefused(
            "",
            f"An environment is being built on {target.name}, or removed from it.",
            "Wait for its end, or cancel the build.",
        )
    if target.script_actions.filter(finished_at=None).exists():
        yield TargetRefused("", f"A script action is going on at {target.name}.", "Wait for its end, or stop it.")
    for rows, deed in (("checks", "A check"), ("errands", "An errand"), ("surveys", "A look at what is there")):
        unfinished = getattr(target, rows).select_for_update().filter(finished_at=None)
        if any(each.started_at is not None and each.is_going_on for each in unfinished):
            yield TargetRefused("", f"{deed} is going on at {target.name}.", "Try it again in a minute.")
