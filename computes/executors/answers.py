"""What the supervisor answers, in the words of the contract."""

import errno
import json
import os
from typing import Any

from computes.contract import Condition, ExitRecord, RunFolderStatus, StopReceipt, StopState
from computes.errors import StartFailed, StartRefused, TargetDiskFull, TargetError, TargetUnreachable, TransferFailed
from computes.executors.specification import interpreter_not_found
from computes.machines.contract import CommandResult
from computes.machines.os_errors import FULL

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
    """Return one look at a run folder. Raises LookupError, TypeError or ValueError for records that are not ours."""
    record = answer.get("exit")
    return RunFolderStatus(
        condition=Condition(answer["answer"]),
        exit=exit_record_of(record) if record else None,
        why=answer.get("why", ""),
        supervised=answer.get("supervised", True),
        log_bytes=answer.get("log_bytes", 0),
        system_bytes=answer.get("system_bytes", 0),
        metrics_bytes=answer.get("metrics_bytes", 0),
    )


def exit_record_of(record: dict[str, Any]) -> ExitRecord:
    """Return how the program ended."""
    ended_by = record["ended_by"]
    return ExitRecord(
        code=number_in(record, "code"),
        signal=number_in(record, "signal"),
        ended_by=ended_by if ended_by in REASONS else "",
        out_of_memory=bool(record["out_of_memory"]),
        duration_seconds=float(record["duration_seconds"]),
        log_bytes=number_in(record, "log_bytes"),
        log_crc32=number_in(record, "log_crc32"),
        steps=tuple((str(text)[:200], float(seconds)) for text, seconds in record["steps"][:50]),
    )


def number_in(record: dict[str, Any], name: str) -> int | None:
    """Return a number of a record, which the script might have written over."""
    value = record[name]
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
