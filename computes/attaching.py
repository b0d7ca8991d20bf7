"""Attaching, editing and detaching targets: the deeds of administrators that say where scripts can run.

Who may do this is decided by `ComputeTarget.objects.administered_by`, before these are called.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from computes.checking import request_check
from computes.kind_choices import kind_refusal
from computes.models import ComputeTarget
from computes.refusals import TargetRefused
from computes.target_history import note_change

FROZEN_WHILE_RUNNING = ("work_folder", "python_location")
EDITABLE = (
    "description",
    "slots",
    "longest_run_seconds",
    "work_folder",
    "python_location",
    "native_shared_directory",
    "environment_variables",
    "lost_after_seconds",
)


def runs_are_on(target: ComputeTarget) -> bool:
    """Return whether a run is on the target or about to be started there."""
    return bool((target.runs.on_target() | target.runs.holding_slots()).exists())


def attach_target(user: User, name: str, kind: str, facts: Mapping[str, Any]) -> ComputeTarget:
    """Add a target and check it. `facts` are fields of EDITABLE; the others keep their defaults.

    In team mode a local target is off at first. Raises TargetRefused when the kind cannot be used or the name is
    taken.
    """
    refusal = kind_refusal(kind)
    if refusal:
        raise TargetRefused("kind", refusal, "Choose another kind.")
    target = ComputeTarget(name=name, kind=kind, created_by=user, **_only_editable(facts))
    target.is_enabled = not target.needs_trust
    try:
        with transaction.atomic():
            target.save()
            note_change(target, user, "Attached the target.")
            request_check(target, user)
    except IntegrityError as error:
        raise TargetRefused("name", f"There is a target named {name} already.", "Choose another name.") from error
    return target


def edit_target(target: ComputeTarget, user: User, facts: Mapping[str, Any]) -> list[str]:
    """Change fields of EDITABLE, check the target, and return the names of the fields that changed.

    Raises TargetRefused when a field of FROZEN_WHILE_RUNNING would change while runs are on the target: they are
    looked for where they were started.
    """
    with transaction.atomic():
        stored = ComputeTarget.objects.select_for_update().get(pk=target.pk)
        changed = [name for name, value in _only_editable(facts).items() if getattr(stored, name) != value]
        frozen = [name for name in changed if name in FROZEN_WHILE_RUNNING]
        if frozen and runs_are_on(stored):
            raise TargetRefused(
                frozen[0],
                f"Runs are on {stored.name}, so this cannot change now: they are looked for where they were started.",
                "Drain the target, wait until its runs have ended, and change it then.",
            )
        for name in changed:
            setattr(stored, name, facts[name])
        if changed:
            stored.save(update_fields=changed)
            note_change(stored, user, f"Changed {', '.join(name.replace('_', ' ') for name in changed)}.")
        request_check(stored, user)
    target.refresh_from_db()
    return changed


def detach_target(target: ComputeTarget, user: User) -> None:
    """Remove a target that no run was ever recorded on, with its grants and checks.

    Raises TargetRefused otherwise: a run's record keeps the name of the place where it ran.
    """
    with transaction.atomic():
        stored = ComputeTarget.objects.select_for_update().get(pk=target.pk)
        if stored.runs.active().exists():
            raise TargetRefused(
                "", f"Runs are on {stored.name} or wait for it.", "Turn the target off, or drain it, instead."
            )
        recorded = stored.runs.count()
        if recorded:
            runs = "1 run is" if recorded == 1 else f"{recorded} runs are"
            raise TargetRefused("", f"{runs} recorded on {stored.name} and kept.", "Turn the target off instead.")
        note_change(stored, user, "Detached the target.")
        stored.delete()


def _only_editable(facts: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(facts) - set(EDITABLE))
    if unknown:
        raise ValueError(f"These are no facts of a target that may be edited: {', '.join(unknown)}")
    return dict(facts)
