"""Finishing: the rest of the log, the outputs, what was installed, and the verdict."""

import errno
import logging
import os
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from computes.contract import Collected, Condition, Executor, Framework, RunAddress, RunFolderStatus
from computes.errors import TargetError, TargetUnreachable
from runs.contact import loss_by_silence, note_answer, note_silence, note_unknown
from runs.execution_requests import address_of, executor_of
from runs.following import Follower
from runs.leases import claim, kept, release
from runs.lifecycle.container_limits import outcome_with_limits
from runs.lifecycle.ending import clean_up
from runs.lifecycle.excerpt import failure_excerpt
from runs.lifecycle.missing_module import outcome_with_advice
from runs.lifecycle.outcome import Outcome, outcome_of
from runs.lifecycle.outputs import collect, keep_outputs, outputs_problem, remove_asides
from runs.lifecycle.spark_outcome import outcome_with_spark
from runs.log_file import LogFile
from runs.models import Run
from runs.status import REASONS, FailureReason, State
from runs.transitions import move

MOST_ATTEMPTS = 10
FULL = (errno.ENOSPC, errno.EDQUOT)

log = logging.getLogger(__name__)


def finish(run_id: UUID) -> None:
    """Bring home what a run left and end it. Does nothing when somebody else is at it or it has ended."""
    if (claimed := claim(run_id, State.FINALIZING)) is None:
        return
    run, token = claimed
    executor, address = executor_of(run), address_of(run)
    with kept(run, token):
        if run.attempts > MOST_ATTEMPTS:
            give_up(run, token)
            return
        status = executor.poll(address)
        if status.condition in (Condition.UNREACHABLE, Condition.ABSENT):
            bear_silence(run, token, status)
            return
        note_answer(run)
        try:
            changes, collected = bring_home(run, token, executor, address, status)
        except TargetUnreachable as error:
            note_silence(run, error.text, error.remedy)
            release(run, token)
            return
        except OSError as error:
            if error.errno not in FULL:
                raise
            wait_for_space(run, token)
            return
        log_file = LogFile(run.folder / "log")
        excerpt = failure_excerpt(log_file)
        outcome = outcome_of(status, excerpt.error)
        if run.configuration["framework"] == Framework.PYSPARK:
            outcome = outcome_with_spark(outcome, excerpt, log_file)
        outcome = outcome_with_advice(outcome, is_prepared=bool(run.environment_hash))
        outcome = outcome_with_limits(outcome, run.target)
        if outcome.state == State.COMPLETED and changes["outputs_note"]:
            outcome = Outcome(State.FAILED, FailureReason.OUTPUTS_FAILED, changes["outputs_note"])
        changes |= verdict(outcome, status, excerpt.text)
        if not end(run, token, outcome.state, event_text(outcome, status), changes, collected):
            return
    clean_up(run_id)


def give_up(run: Run, token: UUID) -> None:
    """End a run whose finishing broke off again and again. What is on its target stays there for a second look."""
    detail = f"Bringing home what the run left broke off {MOST_ATTEMPTS} times; the server's log says why."
    changes = {"reason": FailureReason.INTERNAL_ERROR, "reason_detail": detail}
    if move(run, State.FAILED, text=detail, lease=token, changes=changes):
        remove_asides(run, None)


def bear_silence(run: Run, token: UUID, status: RunFolderStatus) -> None:
    """Wait for the target to give what the run left; once it has been silent for too long, the run is lost with it."""
    note_unknown(run, status)
    if detail := loss_by_silence(run, status):
        changes = {"reason": FailureReason.TARGET_LOST, "reason_detail": detail}
        if move(run, State.FAILED, text=detail, lease=token, changes=changes):
            remove_asides(run, None)
    else:
        release(run, token)


def wait_for_space(run: Run, token: UUID) -> None:
    """Leave a run as it is while the server's disk is full: that is no fault of the run, and counts as no attempt."""
    log.warning("Run %s cannot be finished: the server's disk is full.", run.pk)
    Run.objects.filter(pk=run.pk, lease_token=token).update(attempts=0)
    release(run, token)


def end(
    run: Run, token: UUID, state: State, text: str, changes: dict[str, Any], collected: list[Collected] | None
) -> bool:
    """Put the outputs into their place and end the run, at once and only while the lease is ours: somebody who was
    frozen and thaws must not touch what another has brought home."""
    with transaction.atomic():
        is_ours = Run.objects.select_for_update().filter(pk=run.pk, lease_token=token, state=State.FINALIZING).exists()
        if is_ours and collected is not None:
            keep_outputs(run, token, collected)
        ended = is_ours and move(run, state, text=text, lease=token, changes=changes)
    remove_asides(run, None if ended else token)
    return ended


def bring_home(
    run: Run, token: UUID, executor: Executor, address: RunAddress, status: RunFolderStatus
) -> tuple[dict[str, Any], list[Collected] | None]:
    """Copy the rest of the log and the metrics, collect the outputs aside and describe the environment. Returns what
    changes about the run, and what was collected; None when that failed."""
    follower = Follower(run, executor, address)
    follower.advance(status, is_final=True)
    follower.repair(status)
    follower.ingest_rest(status)
    cut_log(run)
    changes: dict[str, Any] = {
        "log_bytes": LogFile(run.folder / "log").size(),
        "system_log_bytes": LogFile(run.folder / "system.log").size(),
        "log_is_complete": follower.is_complete(status),
        "outputs_note": "",
    }
    collected = None
    try:
        collected = collect(run, token, executor, address)
    except (TargetError, OSError) as error:
        if isinstance(error, TargetUnreachable):
            raise
        changes["outputs_note"] = outputs_problem(error)
    try:
        described = executor.describe(address)
    except TargetError as error:
        log.warning("The environment of run %s could not be described: %s", run.pk, error.text)
    else:
        changes |= {
            "interpreter": described.interpreter[:500],
            "interpreter_version": described.version[:200],
            "packages": dict(described.packages),
        }
    return changes, collected


def cut_log(run: Run) -> None:
    """Leave no more of a linked log than a run may have, when no supervisor was left to do so."""
    log_file = run.folder / "log"
    if LogFile(log_file).size() > 2 * settings.LOG_CAP_BYTES:
        os.truncate(log_file, settings.LOG_CAP_BYTES)


def verdict(outcome: Outcome, status: RunFolderStatus, excerpt: str) -> dict[str, Any]:
    """Return the columns that tell how the run ended."""
    record = status.exit
    return {
        "reason": outcome.reason or "",
        "reason_detail": outcome.detail,
        "failure_excerpt": excerpt if outcome.state == State.FAILED else "",
        "exit_code": record.code if record else None,
        "exit_signal": record.signal if record else None,
        "script_seconds": record.duration_seconds if record else None,
        "cancel_receipt": [list(step) for step in record.steps] if record else [],
    }


def event_text(outcome: Outcome, status: RunFolderStatus) -> str:
    """Return one line for the history."""
    record = status.exit
    code = ""
    if record is not None and record.signal:
        code = f"ended by signal {record.signal}"
    elif record is not None and record.code is not None:
        code = f"exit code {record.code}"
    reason = REASONS[outcome.reason].title if outcome.reason else ""
    return " · ".join(part for part in (reason, code, outcome.detail[:500]) if part)
