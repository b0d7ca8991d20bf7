"""How a run ended, from the evidence: the exit record, or its absence, and the end of the log."""

import signal
from dataclasses import dataclass

from computes.contract import Condition, ExitRecord, Loss, RunFolderStatus
from runs.status import FailureReason, State

ENDED_BY_US = {
    "time_limit": FailureReason.TIME_LIMIT,
    "log_limit": FailureReason.LOG_LIMIT,
    "disk_full": FailureReason.DISK_FULL,
}
LOST_FOR = {
    Loss.UNPREPARED: FailureReason.PREPARATION_FAILED,
    Loss.NOT_STARTED: FailureReason.START_FAILED,
    Loss.KILLED: FailureReason.KILLED_FROM_OUTSIDE,
    Loss.OUT_OF_MEMORY: FailureReason.OUT_OF_MEMORY,
}
OWN_FAULTS = {
    signal.SIGSEGV,
    signal.SIGABRT,
    signal.SIGFPE,
    signal.SIGILL,
    signal.SIGBUS,
    signal.SIGTRAP,
    signal.SIGSYS,
}
MEMORY_MARKS = ("MemoryError", "std::bad_alloc", "Cannot allocate memory", "DefaultCPUAllocator: can't allocate memory")
DISK_MARKS = ("No space left on device", "Disk quota exceeded")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The terminal state, and for failures the reason and what exactly went wrong."""

    state: State
    reason: FailureReason | None = None
    detail: str = ""


def outcome_of(status: RunFolderStatus, last_error: str) -> Outcome:
    """Return how a run ended. `last_error` is the last line of the last traceback in the log, or empty.

    Without a record what is known of the loss counts. A program that outlived its supervisor has ended, only its exit
    code is unknown; where nothing is known, the target lost the run.
    """
    if status.exit is None:
        if status.loss in LOST_FOR:
            return Outcome(State.FAILED, LOST_FOR[status.loss], status.why)
        lost = status.condition == Condition.LOST and status.supervised
        reason = FailureReason.TARGET_LOST if lost else FailureReason.EXIT_CODE_LOST
        return Outcome(State.FAILED, reason, status.why)
    return outcome_of_exit(status.exit, last_error)


def outcome_of_exit(record: ExitRecord, last_error: str) -> Outcome:
    """Return how a run ended by its exit record. A program that ended by itself keeps its outcome, also when a cancel
    came too late."""
    if record.ended_by in ENDED_BY_US:
        seconds = f"It was ended after {record.duration_seconds:.0f} seconds."
        return Outcome(State.FAILED, ENDED_BY_US[record.ended_by], seconds)
    if record.ended_by == "cancel":
        return Outcome(State.CANCELED)
    if record.code == 0:
        return Outcome(State.COMPLETED)
    if record.out_of_memory:
        return Outcome(
            State.FAILED, FailureReason.OUT_OF_MEMORY, "The kernel ended a process of it for want of memory."
        )
    if record.signal:
        return outcome_of_signal(record.signal)
    if record.code is None:
        return Outcome(State.FAILED, FailureReason.EXIT_CODE_LOST, "The exit record holds no exit code.")
    if any(mark in last_error for mark in MEMORY_MARKS):
        return Outcome(State.FAILED, FailureReason.OUT_OF_MEMORY, last_error)
    if any(mark in last_error for mark in DISK_MARKS):
        return Outcome(State.FAILED, FailureReason.DISK_FULL, last_error)
    return Outcome(State.FAILED, FailureReason.SCRIPT_FAILED, last_error or f"It ended with exit code {record.code}.")


def outcome_of_signal(number: int) -> Outcome:
    """Return how a run ended that a signal ended which we did not send."""
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    if number in OWN_FAULTS:
        return Outcome(State.FAILED, FailureReason.SCRIPT_FAILED, f"The interpreter crashed ({name}).")
    return Outcome(State.FAILED, FailureReason.KILLED_FROM_OUTSIDE, f"The script was ended by {name}.")
