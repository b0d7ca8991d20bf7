"""Launching: from a reserved slot to a running program."""

import logging
from uuid import UUID

from django.conf import settings

from computes.contract import Condition, StopState
from computes.errors import (
    EnvironmentGone,
    ImageMissing,
    InterpreterNotFound,
    PreparationFailed,
    StartRefused,
    TargetDiskFull,
    TargetError,
    TargetUnreachable,
    TransferFailed,
)
from computes.preparing_environments import forget_environment
from projects.secret_box import SealBroken
from runs.contact import note_answer, note_silence
from runs.events import record
from runs.execution_requests import address_of, executor_of, request_of
from runs.leases import claim, kept, release
from runs.lifecycle.ending import end_without_program
from runs.lifecycle.environment import build_has_ended, environment_is_ready
from runs.lifecycle.image import wait_for_image
from runs.models import Run
from runs.status import FailureReason, State
from runs.transitions import move

MOST_ATTEMPTS = 5
REASON_OF_ERROR: dict[type[TargetError], FailureReason] = {
    InterpreterNotFound: FailureReason.INTERPRETER_NOT_FOUND,
    PreparationFailed: FailureReason.PREPARATION_FAILED,
    TransferFailed: FailureReason.TRANSFER_FAILED,
    TargetDiskFull: FailureReason.DISK_FULL,
}

log = logging.getLogger(__name__)


def launch(run_id: UUID) -> None:
    """Take up a run that was admitted, or one whose launch broke off, and bring it to RUNNING.

    Does nothing when somebody else is at it or it is past this. Starting twice finds the first program.
    """
    run = Run.objects.only("state", "admitted_at", "cancel_requested_at").filter(pk=run_id).first()
    if run is not None and run.state == State.QUEUED and run.admitted_at and run.cancel_requested_at is None:
        move(run, State.PREPARING)
    if (claimed := claim(run_id, State.PREPARING)) is None:
        return
    run, token = claimed
    is_waiting = carry_out(run, token)
    if is_waiting and build_has_ended(run):  # in this moment: the controller's nudge may have come too early
        launch(run_id)


def carry_out(run: Run, token: UUID) -> bool:
    """Start a run of which we hold the lease, and note what stood in the way. Return whether it waits for a build."""
    with kept(run, token):
        if run.attempts > MOST_ATTEMPTS:
            give_up(run, token)
            return False
        try:
            return start_or_wait(run, token)
        except TargetUnreachable as error:
            note_silence(run, error.text, error.remedy)
            release(run, token)
        except EnvironmentGone as error:
            return build_again(run, token, error)
        except StartRefused as error:
            end_without_program(run, token, FailureReason.START_FAILED, error.in_full)
        except TargetError as error:
            reason = next(
                (reason for kind, reason in REASON_OF_ERROR.items() if isinstance(error, kind)),
                FailureReason.START_FAILED,
            )
            end_without_program(run, token, reason, error.in_full)
        except SealBroken as error:
            end_without_program(run, token, FailureReason.PREPARATION_FAILED, str(error))
    return False


def start_or_wait(run: Run, token: UUID) -> bool:
    """Start a run; where its image is not on the target, let it wait until that is pulled. Return whether it waits."""
    try:
        return not start(run, token)
    except ImageMissing as error:
        wait_for_image(run, token, error)
    return True


def give_up(run: Run, token: UUID) -> None:
    """End a run whose launch broke off again and again, unless its program was started all the same: then it runs. A
    launch that froze and holds its lock is told not to start any more, and looked for again."""
    text = f"The launch broke off {MOST_ATTEMPTS} times."
    executor, address = executor_of(run), address_of(run)
    if executor.poll(address).condition in (Condition.ABSENT, Condition.UNREACHABLE):
        try:
            receipt = executor.stop(address, settings.GRACE_SECONDS)
        except TargetError:
            release(run, token)
            return
        if receipt.state == StopState.NEVER_STARTED:
            end_without_program(run, token, FailureReason.INTERNAL_ERROR, text)
            return
        if receipt.state == StopState.ENDING:
            release(run, token)
            return
    move(run, State.RUNNING, lease=token, text=f"{text} The script runs.")


def start(run: Run, token: UUID) -> bool:
    """Prepare the environment, start the program and note that it runs; what was canceled before is not started.

    While the environment is built the run waits, and nothing is held; it is launched again when the build has ended.
    False while it waits.
    """
    if not environment_is_ready(run, token):
        return False
    if run.cancel_requested_at is not None and ends_unstarted(run, token):
        return True
    executor, request = executor_of(run), request_of(run)
    run.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    executor.prepare(request, lambda text: log.info("run %s: %s", run.pk, text))
    executor.start(request)
    note_answer(run)
    is_linked = not request.secrets and executor.link_log(request.address, run.folder / "log")
    moved = move(run, State.RUNNING, lease=token, changes={"log_is_linked": is_linked})
    run.refresh_from_db(fields=["state", "cancel_requested_at"])
    if (moved and run.cancel_requested_at is not None) or run.is_finished:
        executor.stop(address_of(run), request.limits.grace_seconds)
    return True


def ends_unstarted(run: Run, token: UUID) -> bool:
    """End a canceled run that no earlier launch has started, and say so; one that was started goes on by evidence."""
    receipt = executor_of(run).stop(address_of(run), settings.GRACE_SECONDS)
    note_answer(run)
    if receipt.state != StopState.NEVER_STARTED:
        return False
    end_without_program(run, token, FailureReason.START_FAILED, receipt.text)
    return True


def build_again(run: Run, token: UUID, error: EnvironmentGone) -> bool:
    """Have an environment built again that somebody has removed from the target behind our back: once for each run.
    Return whether the run waits for it."""
    if run.environment_id is None or run.events.filter(kind="build", text=error.text).exists():
        end_without_program(run, token, FailureReason.PREPARATION_FAILED, error.in_full)
        return False
    record(run, "build", error.text)
    forget_environment(run.environment_id, run.environment_hash)
    Run.objects.filter(pk=run.pk, lease_token=token).update(environment_hash="")
    release(run, token)
    return True
