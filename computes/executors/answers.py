"""What the supervisor answers, in the words of the contract."""

import errno
import json
import os
from typing import Any

from computes.contract import ApplicationFacts, Condition, ExitRecord, RunFolderStatus, StopReceipt, StopState
from computes.errors import StartFailed, StartRefused, TargetDiskFull, TargetError, TargetUnreachable, TransferFailed
from computes.executors.plain_text import plain
from computes.executors.specification import interpreter_not_found
from computes.machines.contract import CommandResult
from computes.machines.os_errors import FULL

LARGEST = 1 << 62
FORGED = "The exit record is damaged, so the exit code is not known; the script may have written over it."
COUNTS = ("stages_done", "stages", "tasks_done", "tasks")
REASONS = ("", "cancel", "time_limit", "log_limit", "disk_full")
STOP_TEXTS = {
    StopState.ENDING: "The end is under way: TERM was sent, KILL follows after the grace.",
    StopState.GONE: "The run has already ended.",
    StopState.NEVER_STARTED: "The run had not started, and now it never will.",
}


def answer_of(result: CommandResult) -> dict[str, Any]:
    """Return the JSON object that the supervisor printed. Raises TargetError when it printed none."""
    try:
        found = json.loads(result.output.decode())
    except ValueError:
        found = None
    if isinstance(found, dict) and "answer" in found:
        return found
    said = result.errors.decode(errors="replace").strip().splitlines()
    if said and "Errno 28" in said[-1]:
        raise TargetDiskFull("No space is left on the target's work folder.", "Free disk space there, then run again.")
    raise TargetError(
        f"The supervisor did not work on the target (exit code {result.code}): {said[-1][:500] if said else 'silent'}",
        "Run the target's check; it tries the same step by step.",
    )


def status_of(answer: dict[str, Any]) -> RunFolderStatus:
    """Return one look at a run folder. Raises LookupError, TypeError or ValueError for an answer that is not ours.

    An exit record that the script has written over is none: the program has ended, its exit code is lost.
    """
    condition, why, supervised = Condition(answer["answer"]), answer.get("why", ""), answer.get("supervised", True)
    record = None
    if answer.get("exit"):
        try:
            record = exit_record_of(answer["exit"])
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
            condition, why, supervised = Condition.LOST, FORGED, False
    return RunFolderStatus(
        condition=condition,
        exit=record,
        why=why,
        supervised=supervised,
        log_bytes=answer.get("log_bytes", 0),
        system_bytes=answer.get("system_bytes", 0),
        metrics_bytes=answer.get("metrics_bytes", 0),
        application=application_of(answer.get("application")),
    )


def application_of(record: object) -> ApplicationFacts | None:
    """Return what a watcher wrote of an application; None for what is not from one: the script may write there."""
    if not isinstance(record, dict):
        return None
    try:
        counts: dict[str, Any] = {name: number_in(record, name, LARGEST) or 0 for name in COUNTS if name in record}
        return ApplicationFacts(
            id=plain(record["id"])[:100],
            state=plain(record["state"])[:100],
            is_waiting=record["is_waiting"] is True,
            why=plain(record["why"]),
            **counts,
        )
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return None


def exit_record_of(record: dict[str, Any]) -> ExitRecord:
    """Return how the program ended. Raises an error for anything that the supervisor does not write."""
    ended_by = record["ended_by"]
    duration = float(record["duration_seconds"])
    if not 0 <= duration < LARGEST:
        raise ValueError("no duration")
    return ExitRecord(
        code=number_in(record, "code", 1 << 16),
        signal=number_in(record, "signal", 1 << 10),
        ended_by=ended_by if ended_by in REASONS else "",
        out_of_memory=bool(record["out_of_memory"]),
        duration_seconds=duration,
        log_bytes=number_in(record, "log_bytes", LARGEST),
        log_crc32=number_in(record, "log_crc32", 1 << 32),
        steps=tuple((plain(text)[:200], float(seconds)) for text, seconds in record["steps"][:50]),
    )


def number_in(record: dict[str, Any], name: str, end: int) -> int | None:
    """Return a number from 0 up to, and without, `end`; the script might have written over the record."""
    value = record[name]
    if value is not None and not 0 <= int(value) < end:
        raise ValueError(f"no {name}")
    return None if value is None else int(value)


def receipt_of(answer: dict[str, Any]) -> StopReceipt:
    """Return what a stop did."""
    state = StopState(answer["answer"])
    return StopReceipt(state, STOP_TEXTS[state])


def raise_unless_started(answer: dict[str, Any], interpreter: str) -> None:
    """Raise the error for an answer to start that means that no program runs."""
    kind = answer["answer"]
    if kind in ("started", "found"):
        return
    if kind == "refused":
        raise StartRefused(
            "The run was ended or cleaned up on the target before it could start.", "Submit it again as a new run."
        )
    if kind == "busy":
        raise TargetUnreachable(
            "Another launch of this run does not let go of its lock.", "It is tried again; no second program starts."
        )
    number = answer["errno"]
    stage = answer["stage"]
    if number in FULL:
        raise TargetDiskFull("No space is left on the target's work folder.", "Free disk space there, then run again.")
    if stage == "program":
        raise_program_error(number, interpreter)
    if stage == "working_folder":
        raise StartFailed("The code is not in the run folder any more.", "Submit the run again.")
    if stage == "secrets":
        raise TransferFailed("A secret variable did not arrive on the target.", "Submit the run again.")
    raise StartFailed(
        f"The supervisor could not work in the run folder: {os.strerror(number)}.",
        "Let an administrator check the target's work folder.",
    )


def raise_program_error(number: int, interpreter: str) -> None:
    """Raise the error for what the kernel said to exec."""
    if number == errno.E2BIG:
        raise StartFailed(
            "The arguments and environment variables are longer than the operating system allows.",
            "Keep each argument and variable below 128 kB and all together below 2 MB; put long values into a file.",
        )
    if number in (errno.ENOENT, errno.EACCES, errno.ENOEXEC, errno.ENOTDIR, errno.ELOOP, errno.EISDIR):
        raise interpreter_not_found(interpreter)
    raise StartFailed(
        f"The system refused to start {interpreter}: {os.strerror(number)}.",
        "Let an administrator look at the target's limits on processes and memory.",
    )
