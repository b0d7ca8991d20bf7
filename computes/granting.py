"""Saying who may use a target, and taking it back."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.db import transaction

from computes.locked_target import locked
from computes.models import ComputeTarget, TargetGrant
from computes.target_history import note_change
from projects.models import Project

Holder = User | Group | Project | None


@transaction.atomic
def grant_use(
    target: ComputeTarget,
    user: User,
    holder: Holder,
    *,
    slots: int | None = None,
    longest_run_seconds: int | None = None,
) -> TargetGrant:
    """Let a person, the members of a group, a project's runs or (None) everyone with an account use a target.

    A holder has one grant for a target: granting again changes its bounds. None bounds nothing.
    """
    names: dict[str, Any] = {
        "user": holder if isinstance(holder, User) else None,
        "group": holder if isinstance(holder, Group) else None,
        "project": holder if isinstance(holder, Project) else None,
        "everyone": holder is None,
    }
    locked(target)
    grant, is_new = TargetGrant.objects.update_or_create(
        target=target,
        **names,
        defaults={"slots": slots, "longest_run_seconds": longest_run_seconds, "granted_by": user},
    )
    note_change(target, user, f"{'Granted use to' if is_new else 'Changed the grant of'} {grant.holder}.")
    return grant


@transaction.atomic
def revoke_grant(grant: TargetGrant, user: User) -> None:
    """Take a grant back. What already runs under it goes on; what waits is asked for its right again."""
    note_change(grant.target, user, f"Took back the grant of {grant.holder}.")
    grant.delete()
