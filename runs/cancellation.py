"""Cancelling: noting the wish, and ending at once what has not begun."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from projects.models import Project, Role
from runs.events import record
from runs.models import Run
from runs.status import ACTIVE, State
from runs.tasks import nudge_stop
from runs.transitions import move


class CancelForbidden(Exception):
    """The person may look at the run but not cancel it."""


def request_cancel(run: Run, user: User) -> bool:
    """Ask for the end of a run. False when it has ended already or was asked for before.

    A run that waits is cancelled at once; otherwise the wish is kept on the run and its target is told. A program that
    ends by itself before the signal keeps its outcome. Raises CancelForbidden for people who may only look.
    """
    if not Project.objects.with_role(user, Role.RUNNER).filter(pk=run.project_id).exists():
        raise CancelForbidden("You may look at this run but not cancel it. Ask an owner of the project.")
    wish = {"cancel_requested_at": timezone.now(), "cancel_requested_by": user}
    changes = {**wish, "is_cleaned_up": True, "log_is_complete": True}
    if move(run, State.CANCELED, before=State.QUEUED, text="canceled while it waited", actor=user, changes=changes):
        return True
    with transaction.atomic():
        noted = Run.objects.filter(pk=run.pk, state__in=ACTIVE, cancel_requested_at=None).update(**wish)
        if noted:
            record(run, "cancel", "cancel requested", actor=user)
            needs_no_answer = Run.objects.before_their_start().filter(pk=run.pk).exists()
            if needs_no_answer or not run.target.contact_problem:  # else the controller tells it when its turn has come
                nudge_stop(run.pk)
    run.refresh_from_db()
    return bool(noted)
