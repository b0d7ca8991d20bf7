"""Noting whether a target answers. Each change between answering and silence is kept with its time."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from computes.models import ComputeTarget, TargetContact

KEPT_CHANGES = 200


def note_answer(target_id: int, at: datetime | None = None) -> None:
    """Note that a target answered."""
    at = at or timezone.now()
    rows = ComputeTarget.objects.filter(pk=target_id)
    was_silent = rows.exclude(contact_problem="") | rows.filter(last_contact_at=None)
    with transaction.atomic():
        if was_silent.update(last_contact_at=at, contact_problem=""):
            _keep(target_id, at, True, "")
        else:
            rows.update(last_contact_at=at)


def note_silence(target_id: int, why: str) -> None:
    """Note that a target does not answer, and why. Only the first silence after an answer is a change."""
    why = why[:500] or "It does not answer."
    rows = ComputeTarget.objects.filter(pk=target_id)
    with transaction.atomic():
        if rows.filter(contact_problem="").update(contact_problem=why):
            _keep(target_id, timezone.now(), False, why)
        else:
            rows.exclude(contact_problem=why).update(contact_problem=why)


def _keep(target_id: int, at: datetime, is_reachable: bool, text: str) -> None:
    TargetContact.objects.create(target_id=target_id, at=at, is_reachable=is_reachable, text=text)
    changes = TargetContact.objects.filter(target_id=target_id)
    old = changes.values_list("pk", flat=True)[KEPT_CHANGES:]
    changes.filter(pk__in=list(old)).delete()
