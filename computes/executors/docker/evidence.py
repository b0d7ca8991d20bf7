"""What is known of a run in a container: the supervisor's records first, then the engine's own word."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from computes.contract import Condition, ExitRecord, RunFolderStatus
from computes.errors import TargetUnreachable
from computes.executors.answers import status_of
from computes.executors.docker.records import records_of
from computes.executors.docker.run_in_container import RunInContainer, is_created, is_running

KILLED = 137
UNSEEN = 255  # what the engine notes when it starts and finds a container dead that was alive when it was ended
RESTARTED = "Docker, or the machine that it runs on, was restarted while the run was on it, and the container was gone."
REMOVED = "The container was removed from outside while the run was on (docker rm), so the exit code is not known."
DAMAGED = "The records in the run folder are damaged; the script may have written over them."
GOES_ON = "The container runs on, but the records in its run folder cannot be used."


def status_in(run: RunInContainer) -> RunFolderStatus:
    """Look at a run. The engine is asked only where the run folder does not say that the run lives or has ended.

    Process numbers in the records are those of the container: not they, but the lock and the container tell life.
    """
    status = by_the_records(run)
    if status.condition == Condition.EXITED and lives_on(run):
        return replace(status, condition=Condition.ALIVE, exit=None)
    if status.condition not in (Condition.ABSENT, Condition.LOST):
        return status
    run.folder.require(run.address.installation_id)
    facts = run.inspect()
    if is_running(facts):
        if status.condition == Condition.ABSENT:
            return replace(status, condition=Condition.STARTING)
        return replace(status, condition=Condition.ALIVE, why=GOES_ON, supervised=True)
    if facts is None:
        return replace(status, why=REMOVED, supervised=True) if status.condition == Condition.LOST else status
    if is_created(facts):
        return status
    status = by_the_records(run)
    return by_the_engine(run, status, facts) if status.condition == Condition.LOST else status


def by_the_records(run: RunInContainer) -> RunFolderStatus:
    """Return what the run folder says; records that the script has damaged say nothing, and the engine is asked."""
    try:
        return status_of(records_of(run).look())
    except (LookupError, TypeError, ValueError, AttributeError):
        return RunFolderStatus(Condition.LOST, why=DAMAGED, supervised=False)


def lives_on(run: RunInContainer) -> bool:
    """Return whether a container goes on beside an exit record: for a moment, or because the program has forged one.

    While the engine does not answer, the record is believed.
    """
    try:
        return is_running(run.inspect())
    except TargetUnreachable:
        return False


def by_the_engine(run: RunInContainer, status: RunFolderStatus, facts: dict[str, Any]) -> RunFolderStatus:
    """Return how a container ended whose supervisor left no record: killed from outside, out of memory, or lost."""
    state = facts["State"]
    is_out_of_memory = bool(state["OOMKilled"])
    if state["ExitCode"] == UNSEEN and not is_out_of_memory:
        return replace(status, why=RESTARTED, supervised=True)
    if state["ExitCode"] != KILLED and not is_out_of_memory:
        said = run.engine.said(run.name).splitlines()
        why = f"The container ended with code {state['ExitCode']} and without an exit record"
        return replace(status, why=f"{why}: {said[-1][:300]}" if said else f"{why}.", supervised=False)
    was_canceled = run.machine.stat(f"{run.run_folder}/cancel") is not None
    record = ExitRecord(
        code=137,
        signal=9,
        ended_by="cancel" if was_canceled else "",
        out_of_memory=is_out_of_memory,
        duration_seconds=seconds_between(state["StartedAt"], state["FinishedAt"]),
        log_bytes=None,
        log_crc32=None,
        steps=(("the container was killed, and the supervisor with it", 0.0),),
    )
    return replace(status, condition=Condition.EXITED, exit=record, why="", supervised=False)


def seconds_between(began: str, ended: str) -> float:
    """Return the time between two moments as the engine writes them."""
    first, last = (datetime.fromisoformat(moment[:19]) for moment in (began, ended))
    return max(0.0, (last - first).total_seconds())
