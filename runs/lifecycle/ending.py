"""Ending a run of which no program is left, or ever was, on the target."""

from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from computes.errors import TargetError, TargetUnreachable
from runs.execution_requests import address_of, executor_of
from runs.models import Run
from runs.status import FailureReason, State
from runs.transitions import move


def end_without_program(
    run: Run, token: UUID | None, reason: FailureReason, detail: str, *, cleans_up: bool = True
) -> bool:
    """Fail a run that could not be started, or cancel it if that was asked for. False when somebody was faster.

    What was placed on the target is removed afterwards, and a tombstone there keeps a frozen twin of ours from starting
    it: only the holder of the lease may decide that. Without `cleans_up` the controller has that done in its turn.
    """
    changes: dict[str, object] = {"log_is_complete": True}
    if Run.objects.filter(pk=run.pk, cancel_requested_at__isnull=False).exists():
        ended = move(run, State.CANCELED, text="canceled before the script started", lease=token, changes=changes)
    else:
        changes |= {"reason": reason, "reason_detail": detail}
        ended = move(run, State.FAILED, text=f"{reason}: {detail}", lease=token, changes=changes)
    if ended and cleans_up:
        clean_up(run.pk)
    return ended


def clean_up_target(run: Run) -> bool:
    """Remove what is left of a run on its target; False when that has to be tried again later.

    A program that lives on although its run has ended (a target that was given up for lost has come back) is stopped.
    """
    executor, address = executor_of(run), address_of(run)
    try:
        executor.clean_up(address)
    except TargetUnreachable:
        return False
    except TargetError:
        with suppress(TargetError):
            executor.stop(address, settings.GRACE_SECONDS)
        return False
    return True


def clean_up(run_id: UUID) -> None:
    """Remove what an ended run left on its target, unless something of it is still only there."""
    run = Run.objects.to_clean_up().select_related("target").filter(pk=run_id).first()
    if run is not None and clean_up_target(run):
        Run.objects.filter(pk=run_id).update(is_cleaned_up=True, nudged_at=timezone.now())
