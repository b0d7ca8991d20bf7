"""One verdict for each kind of end, and never the script's fault for ours."""

import signal

import pytest

from computes.contract import Condition, ExitRecord, Loss, RunFolderStatus
from computes.models import ComputeTarget
from runs.lifecycle.container_limits import outcome_with_limits
from runs.lifecycle.missing_module import outcome_with_advice
from runs.lifecycle.outcome import outcome_of, outcome_of_exit
from runs.status import MOVES, REASONS, TERMINAL, FailureReason, State, states_before


def ended(**changes: object) -> ExitRecord:
    values: dict[str, object] = {
        "code": 0,
        "signal": None,
        "ended_by": "",
        "out_of_memory": False,
        "duration_seconds": 3.0,
        "log_bytes": 0,
        "log_crc32": 0,
    }
    return ExitRecord(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("record", "last_error", "state", "reason"),
    [
        (ended(), "", State.COMPLETED, None),
        (ended(code=7), "", State.FAILED, FailureReason.SCRIPT_FAILED),
        (ended(code=1), "MemoryError: 5 GiB", State.FAILED, FailureReason.OUT_OF_MEMORY),
        (ended(code=1), "OSError: [Errno 28] No space left on device", State.FAILED, FailureReason.DISK_FULL),
        (ended(code=None, signal=9, out_of_memory=True), "", State.FAILED, FailureReason.OUT_OF_MEMORY),
        (ended(code=None, signal=9), "", State.FAILED, FailureReason.KILLED_FROM_OUTSIDE),
        (ended(code=None, signal=signal.SIGSEGV), "", State.FAILED, FailureReason.SCRIPT_FAILED),
        (ended(code=None, signal=15, ended_by="cancel"), "", State.CANCELED, None),
        (ended(code=None, signal=15, ended_by="time_limit"), "", State.FAILED, FailureReason.TIME_LIMIT),
        (ended(code=None, signal=9, ended_by="log_limit"), "", State.FAILED, FailureReason.LOG_LIMIT),
        (ended(code=1, ended_by="disk_full"), "", State.FAILED, FailureReason.DISK_FULL),
        (ended(code=None), "", State.FAILED, FailureReason.EXIT_CODE_LOST),
    ],
)
def test_an_exit_record_gives_one_verdict(
    record: ExitRecord, last_error: str, state: State, reason: FailureReason | None
) -> None:
    outcome = outcome_of_exit(record, last_error)
    assert (outcome.state, outcome.reason) == (state, reason)


def test_without_a_record_the_run_is_lost_and_never_completed() -> None:
    lost = outcome_of(RunFolderStatus(Condition.LOST, why="the machine was restarted"), "")
    assert (lost.state, lost.reason) == (State.FAILED, FailureReason.TARGET_LOST)


@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        (Loss.UNPREPARED, FailureReason.PREPARATION_FAILED),
        (Loss.NOT_STARTED, FailureReason.START_FAILED),
        (Loss.KILLED, FailureReason.KILLED_FROM_OUTSIDE),
        (Loss.OUT_OF_MEMORY, FailureReason.OUT_OF_MEMORY),
    ],
)
def test_what_is_known_of_a_loss_gives_the_reason(loss: Loss, reason: FailureReason) -> None:
    for is_supervised in (True, False):
        status = RunFolderStatus(Condition.LOST, why="This was seen.", supervised=is_supervised, loss=loss)
        outcome = outcome_of(status, "")
        assert (outcome.state, outcome.reason, outcome.detail) == (State.FAILED, reason, "This was seen.")


def test_terminal_states_never_change() -> None:
    assert all(not MOVES[state] for state in TERMINAL)
    assert not any(states_before(state) & TERMINAL for state in State)


def test_every_reason_has_a_sentence_and_a_remedy() -> None:
    assert set(REASONS) == set(FailureReason)
    for reason in REASONS.values():
        assert reason.sentence.endswith(".")
        assert reason.remedy.endswith(".")


MISSES = outcome_of_exit(ended(code=1), "ModuleNotFoundError: No module named 'sklearn.pipeline'")


def test_a_module_that_is_missing_is_told_with_the_way_to_it() -> None:
    here = outcome_with_advice(MISSES, is_prepared=False)
    assert here.detail.startswith("ModuleNotFoundError: No module named 'sklearn.pipeline'. Neither")
    assert "the Python of the target" in here.detail
    assert "what the project asks for" in outcome_with_advice(MISSES, is_prepared=True).detail


@pytest.mark.parametrize("last_error", ["", "ImportError: cannot import name 'a' from 'b'", "ValueError: x"])
def test_other_ends_get_no_such_advice(last_error: str) -> None:
    outcome = outcome_of_exit(ended(code=1), last_error)
    assert outcome_with_advice(outcome, is_prepared=False) is outcome


FULL = outcome_of_exit(ended(code=1), "OSError: [Errno 28] No space left on device")


@pytest.mark.parametrize(("shared", "size"), [(None, "64 MiB"), (2 * 2**30, "2 GiB")])
def test_a_disk_that_is_full_in_a_container_may_be_its_shared_memory(shared: int | None, size: str) -> None:
    target = ComputeTarget(name="box", kind=ComputeTarget.Kind.LOCAL_DOCKER, shm_bytes=shared)
    told = outcome_with_limits(FULL, target)
    assert told.reason == FailureReason.DISK_FULL
    assert "If it was /dev/shm that was full" in told.detail
    assert f"containers of box have {size} of it" in told.detail
    assert outcome_with_limits(FULL, ComputeTarget(name="here", kind=ComputeTarget.Kind.LOCAL)) is FULL
    floor = outcome_of_exit(ended(code=1, ended_by="disk_full"), "")
    assert outcome_with_limits(floor, target) is floor


@pytest.mark.parametrize(
    "error", ["RuntimeError: can't start new thread", "BlockingIOError: [Errno 11] Resource temporarily unavailable"]
)
def test_a_container_that_may_have_no_more_processes_is_told_so(error: str) -> None:
    crowded = outcome_of_exit(ended(code=1), error)
    target = ComputeTarget(name="box", kind=ComputeTarget.Kind.LOCAL_DOCKER, most_processes=20)
    told = outcome_with_limits(crowded, target)
    assert told.reason == FailureReason.SCRIPT_FAILED
    assert "Containers of box may have 20 processes and threads" in told.detail
    target.most_processes = None
    assert outcome_with_limits(crowded, target) is crowded
