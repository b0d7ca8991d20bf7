"""Turning targets on and off, and draining them. Each deed may be repeated and undone. Raises TargetGone."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from computes.locked_target import locked
from computes.models import ComputeTarget
from computes.refusals import TargetRefused
from computes.target_history import note_change


@transaction.atomic
def enable_target(target: ComputeTarget, user: User, understood: bool = False) -> None:
    """Let runs be sent to a target. `understood` says that the person read what that means.

    Raises TargetRefused when that was not said and has to be: in team mode, where code of others runs on this server.
    """
    locked(target)
    if target.needs_trust and not understood:
        raise TargetRefused(
            "understood",
            f"{'Builds of environments for' if target.builds_here else 'Scripts on'} this target run as the server's "
            "own user account.",
            "Tick the box to say that you want that, or leave the target off.",
        )
    if target.needs_trust:
        target.trusted_at, target.trusted_by = timezone.now(), user
    elif target.is_enabled:
        return
    target.is_enabled = True
    target.save(update_fields=["is_enabled", "trusted_at", "trusted_by"])
    note_change(target, user, "Turned the target on.")


@transaction.atomic
def disable_target(target: ComputeTarget, user: User) -> None:
    """Send no more runs to a target. What runs there goes on; turning it on later asks for trust again."""
    locked(target)
    if not target.is_enabled:
        return
    target.is_enabled, target.trusted_at, target.trusted_by = False, None, None
    target.save(update_fields=["is_enabled", "trusted_at", "trusted_by"])
    note_change(target, user, "Turned the target off.")


@transaction.atomic
def drain_target(target: ComputeTarget, user: User, reason: str) -> None:
    """Let what runs on a target finish and start nothing new; what is queued waits and shows the reason."""
    locked(target)
    if target.is_draining and target.drain_reason == reason:
        return
    target.is_draining, target.drain_reason = True, reason
    target.save(update_fields=["is_draining", "drain_reason"])
    note_change(target, user, f"Drained the target: {reason}")


@transaction.atomic
def resume_target(target: ComputeTarget, user: User) -> None:
    """Undo the draining of a target."""
    locked(target)
    if not target.is_draining:
        return
    target.is_draining, target.drain_reason = False, ""
    target.save(update_fields=["is_draining", "drain_reason"])
    note_change(target, user, "Ended the draining.")
