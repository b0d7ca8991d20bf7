"""resume: start the program of a run again that was killed, where its work goes on elsewhere and can be taken up."""

import os
import time

from .files import read_state, tombstone_of, was_only_stopped
from .launch import fork_supervisor
from .locks import is_locked, take_launch_lock
from .processes import boot_id, is_program_alive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PATIENCE_SECONDS = 5.0


def resume(folder: str, most: int) -> "dict[str, Any]":
    """Start the program again, under a new supervisor, when both are gone; return when it is spawned.

    Answers: started, found (one of them lives), refused (it was resumed `most` times before, it never ran, or it was
    cleaned up, or it was asked to end: that is then recorded), busy (somebody holds the launch lock), failed with stage
    and errno. An exit record is taken back. Secrets are gone by now: the program runs without them.
    """
    launch_lock = take_launch_lock(folder, PATIENCE_SECONDS)
    if launch_lock is None:
        return {"answer": "busy"}
    try:
        state = read_state(folder)
        is_buried = os.path.exists(tombstone_of(folder)) and not was_only_stopped(folder)
        if state is None or state["phase"] == "failed" or is_buried:
            return {"answer": "refused"}
        if is_locked(folder) or is_program_alive(state):
            return {"answer": "found"}
        times = int(state.get("resumed", 0)) + 1
        if times > most:
            return {"answer": "refused"}
        return fork_supervisor(folder, launch_lock, {"resumed": times, "monotonic": beginning(folder, state)})
    finally:
        os.close(launch_lock)


def beginning(folder: str, state: "dict[str, Any]") -> float:
    """Return when the run began, by the monotonic clock of this boot: its time limit counts from there."""
    if state["boot_id"] == boot_id() and "monotonic" in state:
        return float(state["monotonic"])
    placed_at = os.stat(os.path.join(folder, "spec.json")).st_mtime
    return time.monotonic() - max(0.0, time.time() - placed_at)
