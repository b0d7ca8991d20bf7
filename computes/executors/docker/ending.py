"""Stopping a run in a container, and removing what is left of it."""

import time

from computes.contract import Condition, StopReceipt, StopState
from computes.errors import TargetError
from computes.executors.answers import STOP_TEXTS
from computes.executors.docker.copied_records import CopiedRecords
from computes.executors.docker.engine_errors import Conflict
from computes.executors.docker.evidence import status_in
from computes.executors.docker.names import volume_of
from computes.executors.docker.run_in_container import RunInContainer, is_created, is_running
from computes.executors.run_placing import ask, remove_run

PATIENCE_SECONDS = 20.0
KILLED = "The supervisor did not heed the cancel in time, so the container was killed."


def stop(run: RunInContainer, grace_seconds: float) -> StopReceipt:
    """Ask for the end and return at once: by the supervisor, and by the engine when that is not heeded in time.

    What ends while it is asked to was not gone before.
    """
    run.folder.open(run.address.installation_id)
    was_running = is_running(run.inspect())
    asked_at = first_asked(run)
    answer = ask(run.folder, "stop", run.run_folder, f"{max(0.0, grace_seconds):g}")
    facts = run.inspect()
    if is_created(facts):
        try:
            run.engine.remove(run.name)
            facts = None
        except Conflict:
            facts = run.inspect()
    if is_running(facts):
        if not run.settings.is_shared:
            CopiedRecords(run).stop(grace_seconds)
        if asked_at is not None and time.time() > asked_at + grace_seconds + PATIENCE_SECONDS:
            run.engine.kill(run.name)
            return StopReceipt(StopState.ENDING, KILLED)
        return receipt(StopState.ENDING)
    if was_running:
        return receipt(StopState.ENDING)
    state = StopState(answer["answer"])
    if facts is not None:
        state = StopState.NEVER_STARTED if status_in(run).condition == Condition.ABSENT else StopState.GONE
    return receipt(state)


def first_asked(run: RunInContainer) -> float | None:
    """Return when a stop was asked for first, by the machine's clock; None for never."""
    facts = run.machine.stat(f"{run.folder.path}/ended/{run.run_folder.rpartition('/')[2]}")
    return facts.modified_ns / 1e9 if facts else None


def receipt(state: StopState) -> StopReceipt:
    """Return a receipt with its usual words."""
    return StopReceipt(state, STOP_TEXTS[state])


def clean_up(run: RunInContainer) -> None:
    """Remove run folder, container and volume, and leave a tombstone. Raises TargetError while the program lives."""
    if is_running(run.inspect()) and status_in(run).condition != Condition.EXITED:
        raise TargetError("The run folder was not removed: its container is alive.", "Stop the run first.")
    remove_run(run.folder, run.address)
    run.engine.remove(run.name, force=True)
    if not run.settings.is_shared:
        run.engine.remove_volume(volume_of(run.address))
