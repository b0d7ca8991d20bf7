"""Stopping: asking the target for the end of a run whose cancel was requested."""

from uuid import UUID

from django.conf import settings

from computes.contract import StopState
from computes.errors import TargetError
from runs.events import record
from runs.execution_requests import address_of, executor_of
from runs.leases import claim, release
from runs.lifecycle.ending import end_without_program
from runs.models import Run, RunEvent
from runs.status import FailureReason, State
from runs.transitions import move


def stop(run_id: UUID) -> None:
    """Stop a run. It ends by evidence: the exit record, the target's word that it never started, or our own word that
    nothing was started yet; then its target is not asked, so a silent one keeps nobody waiting."""
    run = Run.objects.select_related("project", "target").filter(pk=run_id).first()
    if run is None or run.cancel_requested_at is None or run.is_finished:
        return
    if run.state == State.QUEUED:
        changes = {"is_cleaned_up": True, "log_is_complete": True}
        move(run, State.CANCELED, before=State.QUEUED, text="canceled while it waited", changes=changes)
        return
    if run.state == State.PREPARING and end_before_its_start(run):
        return
    try:
        receipt = executor_of(run).stop(address_of(run), settings.GRACE_SECONDS)
    except TargetError as error:
        note_once(run, error.in_full)
        return
    note_once(run, receipt.text)
    if receipt.state == StopState.NEVER_STARTED and run.state == State.PREPARING:
        end_without_program(run, None, FailureReason.START_FAILED, receipt.text)


def end_before_its_start(run: Run) -> bool:
    """End a run that waits for a build or a pull, or return False for every other one. What is placed on a silent
    target is removed when that answers."""
    runs = Run.objects.filter(pk=run.pk)
    if not runs.before_their_start().exists() or (claimed := claim(run.pk, State.PREPARING)) is None:
        return False
    held, token = claimed
    if not runs.before_their_start(token).exists():
        release(held, token)
        return False
    answers = not held.target.contact_problem
    text = "canceled while it waited for a build"
    return end_without_program(held, token, FailureReason.PREPARATION_FAILED, text, cleans_up=answers)


def note_once(run: Run, text: str) -> None:
    """Record what the target said to the stop, unless it said the same before."""
    if not RunEvent.objects.filter(run=run, kind="cancel", text=text).exists():
        record(run, "cancel", text)
