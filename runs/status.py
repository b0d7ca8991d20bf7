"""The states of a run, the moves between them, and the reasons why a run fails: all as data.

QUEUED → PREPARING → RUNNING → FINALIZING → COMPLETED | FAILED(reason) | CANCELED. Cancel is not a state but a wish,
noted on the run; states move on beneath it. Terminal states never change.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a run is on its way."""

    QUEUED = "queued"
    PREPARING = "preparing"
    RUNNING = "running"
    FINALIZING = "finalizing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"


TERMINAL = frozenset({State.COMPLETED, State.FAILED, State.CANCELED})
ACTIVE = frozenset(State) - TERMINAL
ON_TARGET = frozenset({State.PREPARING, State.RUNNING, State.FINALIZING})
HOLDS_SLOT = frozenset({State.PREPARING, State.RUNNING})

MOVES: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.PREPARING, State.CANCELED, State.FAILED}),
    State.PREPARING: frozenset({State.RUNNING, State.FINALIZING, State.CANCELED, State.FAILED}),
    State.RUNNING: frozenset({State.FINALIZING, State.FAILED}),
    State.FINALIZING: frozenset({State.COMPLETED, State.FAILED, State.CANCELED}),
    State.COMPLETED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELED: frozenset(),
}


def states_before(state: State) -> frozenset[State]:
    """Return the states from which a run may move to a state."""
    return frozenset(before for before, following in MOVES.items() if state in following)


class Fault(StrEnum):
    """Whose move it is."""

    SCRIPT = "script"
    LIMIT = "limit"
    TARGET = "target"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a run failed: a short title, a sentence, whose fault it is and what to do."""

    title: str
    sentence: str
    fault: Fault
    remedy: str


class FailureReason(StrEnum):
    """The words under which failures are stored."""

    SCRIPT_FAILED = "script_failed"
    OUT_OF_MEMORY = "out_of_memory"
    TIME_LIMIT = "time_limit"
    LOG_LIMIT = "log_limit"
    DISK_FULL = "disk_full"
    KILLED_FROM_OUTSIDE = "killed_from_outside"
    EXIT_CODE_LOST = "exit_code_lost"
    INTERPRETER_NOT_FOUND = "interpreter_not_found"
    PREPARATION_FAILED = "preparation_failed"
    TRANSFER_FAILED = "transfer_failed"
    START_FAILED = "start_failed"
    TARGET_LOST = "target_lost"
    OUTPUTS_FAILED = "outputs_failed"
    INTERNAL_ERROR = "internal_error"


REASONS: dict[FailureReason, Reason] = {
    FailureReason.SCRIPT_FAILED: Reason(
        "Script failed",
        "The script ended with an error.",
        Fault.SCRIPT,
        "Read the last lines of the log, mend the script and run it again.",
    ),
    FailureReason.OUT_OF_MEMORY: Reason(
        "Out of memory",
        "The script needed more memory than it could get.",
        Fault.SCRIPT,
        "Use smaller batches or less data, or choose a target with more memory.",
    ),
    FailureReason.TIME_LIMIT: Reason(
        "Time limit reached",
        "The run was ended because it took longer than its time limit.",
        Fault.LIMIT,
        "Give the run a longer time limit, or make the script save its progress and run it again.",
    ),
    FailureReason.LOG_LIMIT: Reason(
        "Log too large",
        "The run was ended because it printed more than the log may hold.",
        Fault.LIMIT,
        "Print less, or write bulk data to a file in outputs/.",
    ),
    FailureReason.DISK_FULL: Reason(
        "Disk full",
        "There was too little free space on the target's disk.",
        Fault.TARGET,
        "Free some space on the target (its page shows the work folder), then run it again.",
    ),
    FailureReason.KILLED_FROM_OUTSIDE: Reason(
        "Killed from outside",
        "The script was killed by a signal that amlweb did not send.",
        Fault.TARGET,
        "Ask who looks after the target: a person, the system or a memory guard ended the process. Then run it again.",
    ),
    FailureReason.EXIT_CODE_LOST: Reason(
        "Exit code lost",
        "The script ended, but the process that waited for it was killed, so its exit code is unknown.",
        Fault.TARGET,
        "Look at the end of the log to see whether the work was done; run it again if not.",
    ),
    FailureReason.INTERPRETER_NOT_FOUND: Reason(
        "Interpreter not found",
        "The Python interpreter that the target names could not be started.",
        Fault.TARGET,
        "Ask an administrator to correct the target's pythonLocation.",
    ),
    FailureReason.PREPARATION_FAILED: Reason(
        "Preparation failed",
        "The execution environment could not be made ready.",
        Fault.TARGET,
        "Read the build log or the system log for the cause, mend it and run it again.",
    ),
    FailureReason.TRANSFER_FAILED: Reason(
        "Transfer failed",
        "The code could not be placed on the target.",
        Fault.TARGET,
        "Check the target's work folder and free space on its page, then run it again.",
    ),
    FailureReason.START_FAILED: Reason(
        "Start failed",
        "The program could not be started on the target.",
        Fault.TARGET,
        "Read the system log for the cause, then run it again.",
    ),
    FailureReason.TARGET_LOST: Reason(
        "Target lost",
        "The run is gone from its target, and nothing there tells how it ended.",
        Fault.TARGET,
        "Check the target on its page (was it restarted?), then run it again.",
    ),
    FailureReason.OUTPUTS_FAILED: Reason(
        "Outputs not collected",
        "The script ended well, but its outputs could not be brought back.",
        Fault.TARGET,
        "Free space on the server or the target and run it again; the run's folder stays on the target for 14 days.",
    ),
    FailureReason.INTERNAL_ERROR: Reason(
        "Internal error",
        "amlweb made a mistake of its own while it worked on this run.",
        Fault.SERVER,
        "Run it again; if it happens once more, tell the administrator the number of the run.",
    ),
}
