"""Asking for an errand at a target's host: the web process asks, a task worker goes."""

from functools import partial

from django.contrib.auth.models import User
from django.db import transaction

from computes.locked_target import locked
from computes.models import ComputeTarget, TargetErrand
from computes.tasks import nudge_errand

KEPT_ERRANDS = 20


def request_errand(target: ComputeTarget, user: User | None, kind: str) -> TargetErrand:
    """Return an errand that a task worker carries out soon, or the one of the same kind that is still going on.

    The worker is nudged when the surrounding transaction is committed. The last errands are kept, older ones forgotten.
    """
    with transaction.atomic():
        locked(target)
        latest = latest_errand(target, kind)
        if latest is not None and latest.is_going_on and latest.started_at is None:
            return latest
        errand = TargetErrand.objects.create(target=target, kind=kind, requested_by=user)
        forget_old_errands(target)
        transaction.on_commit(partial(nudge_errand, errand.pk))
    return errand


def after_errands(target: ComputeTarget) -> ComputeTarget:
    """Return a target as it is now: with what errands and checks have written that were seen to be over."""
    return ComputeTarget.objects.filter(pk=target.pk).first() or target


def latest_errand(target: ComputeTarget, kind: str) -> TargetErrand | None:
    """Return the last errand of a kind, None when there was none."""
    errand: TargetErrand | None = target.errands.filter(kind=kind).order_by("-pk").first()
    return errand


def forget_old_errands(target: ComputeTarget) -> None:
    """Keep the last errands of a target."""
    kept = target.errands.order_by("-pk").values_list("pk", flat=True)[:KEPT_ERRANDS]
    target.errands.exclude(pk__in=list(kept)).delete()
