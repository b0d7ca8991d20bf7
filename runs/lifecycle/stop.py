"""Stopping: asking the target for the end of a run whose cancel was requested."""

from uuid import UUID

from django.conf import settings

from computes.contract import StopState
from computes.errors import TargetError, TargetUnreachable
from computes.models.target_environment import GOING_ON
from runs.events import record
from runs.execution_requests import address_of, executor_of
from runs.leases import claim
from runs.lifecycle.ending import end_without_program
from runs.models import Run, RunEvent
from runs.status import FailureReason, State
from runs.transitions import move


def stop(run_id: UUID) -> None:
    """Stop a run on its target. It ends by evidence: the exit record, or the word that it never started."""
    run = Run.objects.select_related("project", "target").filter(pk=run_id).first()
    if run is None or run.cancel_requested_at is None or run.is_finished:
        return
    if run.state == State.QUEUED:
        changes = {"is_cleaned_up": True, "log_is_complete": True}
        move(run, State.CANCELED, before=State.QUEUED, text="canceled while it waited", changes=changes)
        return
    try:
        receipt = executor_of(run).stop(address_of(run), settings.GRACE_SECONDS)
    except TargetError as error:
        note_once(run, f"{error.text} {error.remedy}")
        if isinstance(error, TargetUnreachable):
            end_while_it_waits(run)
        return
    note_once(run, receipt.text)
    if receipt.state == StopState.NEVER_STARTED and run.state == State.PREPARING:
        end_without_program(run, None, FailureReason.START_FAILED, receipt.text)


def end_while_it_waits(run: Run) -> None:
    """End a run that waits for a build on a silent target: it has no program yet, so nobody there has to be asked."""
    waits = Run.objects.filter(pk=run.pk, environment_hash="", environment__state__in=GOING_ON).exists()
    if waits and (claimed := claim(run.pk, State.PREPARING)) is not None:
        held, token = claimed
        end_without_program(held, token, FailureReason.PREPARATION_FAILED, "canceled while it waited for a build")


def note_once(run: Run, text: str) -> None:
    """Record what the target said to the stop, unless it said the same before."""
    if not RunEvent.objects.filter(run=run, kind="cancel", text=text).exists():
        record(run, "cancel", text)
