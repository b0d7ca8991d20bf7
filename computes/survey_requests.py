"""Asking for a survey of a target: what of ours is there."""

from functools import partial

from django.contrib.auth.models import User
from django.db import transaction

from computes.locked_target import locked
from computes.models import ComputeTarget, TargetSurvey
from computes.tasks import nudge_survey

KEPT_SURVEYS = 3


def request_survey(target: ComputeTarget, user: User | None) -> TargetSurvey:
    """Return a survey that a task worker carries out soon, or the one that is still going on.

    The worker is nudged when the surrounding transaction is committed. The last surveys are kept, and in any case the
    last one that found something.
    """
    with transaction.atomic():
        locked(target)
        latest = target.surveys.order_by("-pk").first()
        if latest is not None and latest.is_going_on:
            return latest
        survey = TargetSurvey.objects.create(target=target, requested_by=user)
        kept = set(target.surveys.order_by("-pk").values_list("pk", flat=True)[:KEPT_SURVEYS])
        if (last := last_survey(target)) is not None:
            kept.add(last.pk)
        target.surveys.exclude(pk__in=kept).delete()
        transaction.on_commit(partial(nudge_survey, survey.pk))
    return survey


def last_survey(target: ComputeTarget) -> TargetSurvey | None:
    """Return the last survey that found out how it is, None when there was none."""
    found: TargetSurvey | None = target.surveys.exclude(found=None).order_by("-pk").first()
    return found
