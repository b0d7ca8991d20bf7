"""Giving a target another name."""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from computes.locked_target import locked
from computes.models import ComputeTarget
from computes.refusals import TargetRefused
from computes.target_history import note_change
from computes.target_names import refuse_unusable_name
from computes.target_settings import ON_THIS_MACHINE, work_folder_of


def rename_target(target: ComputeTarget, user: User, name: str) -> bool:
    """Rename a target; return whether that changed anything. Its folder on the target stays where it is.

    Earlier runs keep the name in their configuration and are repeated on the same target. Raises TargetRefused while
    runs are on or wait, and for a name that cannot be given.
    """
    if name == target.name:
        return False
    try:
        with transaction.atomic():
            stored = locked(target)
            if stored.runs.active().exists():
                raise TargetRefused(
                    "name",
                    f"Runs are on {stored.name} or wait for it.",
                    "Drain the target, and rename it when it is empty.",
                )
            refuse_unusable_name(name, stored)
            if stored.kind in ON_THIS_MACHINE:
                stored.work_folder = work_folder_of(stored)
            note_change(stored, user, f"Renamed the target from {stored.name} to {name}.")
            stored.name = name
            stored.save(update_fields=["name", "work_folder"])
    except IntegrityError as error:
        raise TargetRefused("name", f"There is a target named {name} already.", "Choose another name.") from error
    target.refresh_from_db()
    return True
