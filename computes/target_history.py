"""Who changed a target, when and how: rows of Django's own log of administrators' deeds."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet

from computes.models import ComputeTarget


def note_change(target: ComputeTarget, user: User, text: str) -> None:
    """Record in words what a person did to a target, in the same transaction as the deed."""
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(ComputeTarget),
        object_id=str(target.pk),
        object_repr=target.name[:200],
        action_flag=CHANGE,
        change_message=text,
    )


def changes_of(target: ComputeTarget) -> QuerySet[LogEntry]:
    """Return what was done to a target, newest first."""
    kind = ContentType.objects.get_for_model(ComputeTarget)
    return LogEntry.objects.filter(content_type=kind, object_id=str(target.pk)).select_related("user")
