"""Asking for a check of a target."""

from functools import partial

from django.contrib.auth.models import User
from django.db import transaction

from computes.locked_target import locked
from computes.models import ComputeTarget, TargetCheck
from computes.tasks import nudge_check

KEPT_CHECKS = 20


def request_check(target: ComputeTarget, user: User | None) -> TargetCheck:
    """Return a check of a target that a task worker carries out soon, or the one that is still going on.

    The worker is nudged when the surrounding transaction is committed. The target's last checks are kept, older ones
    are forgotten. Raises TargetGone.
    """
    with transaction.atomic():
        locked(target)
        latest = target.checks.order_by("-pk").first()
        if latest is not None and latest.is_going_on:
            return latest
        check = TargetCheck.objects.create(target=target, requested_by=user)
        kept = target.checks.order_by("-pk").values_list("pk", flat=True)[:KEPT_CHECKS]
        target.checks.exclude(pk__in=list(kept)).delete()
        transaction.on_commit(partial(nudge_check, check.pk))
    return check
