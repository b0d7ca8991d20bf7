"""status: what the files, the lock and the process table say about a run."""

import os

from .files import read_application, read_exit, read_state, size_of, tombstone_of, was_only_stopped
from .locks import is_locked, supervisor_of, was_started
from .processes import boot_id, is_program_alive, is_the_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STREAMS = (("log_bytes", "log"), ("system_bytes", "system.log"), ("metrics_bytes", "metrics.jsonl"))


def status(folder: str) -> "dict[str, Any]":
    """Look at a run folder. OSError when its disk does not answer, which says nothing about the run."""
    state = read_state(folder)
    if state is None:
        return status_without_state(folder)
    if state["phase"] == "failed":
        return {"answer": "absent", "why": "The program could not be started."}
    answer = {"why": "", "exit": None}  # type: dict[str, Any]
    is_held = is_locked(folder)
    if is_held:
        state = read_state(folder) or state  # an orphan may have been adopted since
        answer["answer"] = "alive" if state["phase"] == "running" else "starting"
    answer["supervised"] = not state.get("adopted", False)
    if not is_held:
        answer.update(status_without_supervisor(folder, state))
    for key, name in STREAMS:
        answer[key] = size_of(os.path.join(folder, name))
    answer["application"] = read_application(folder)
    return answer


def status_without_supervisor(folder: str, state: "dict[str, Any]") -> "dict[str, Any]":
    """The lock was free. The exit record is read after the program was found gone: it may just have been written.

    A record beside a living program is none of ours: the supervisor writes it when the program is buried.
    """
    alive = is_program_alive(state)
    record = read_exit(folder)
    if record is not None and not alive:
        return {"answer": "exited", "exit": record}
    if is_locked(folder):
        return {"answer": "starting" if state["phase"] == "starting" else "alive", "supervised": False}
    if alive:
        why = "The supervisor was ended; the program runs on, but its exit code will not be known."
        return {"answer": "alive", "supervised": False, "why": why}
    if state["boot_id"] != boot_id():
        return {"answer": "lost", "why": "The machine was restarted while the run was on it."}
    if state["phase"] != "running":
        return {"answer": "lost", "why": "The supervisor was ended before it had started the program."}
    why = "The supervisor was ended before the program, so the exit code is not known."
    return {"answer": "lost", "supervised": False, "why": why}


def status_without_state(folder: str) -> "dict[str, Any]":
    """Without a state record: placed, ended before its start, removed by somebody, or never heard of."""
    if is_locked(folder):
        return {"answer": "alive" if was_started(folder) else "starting"}
    supervisor = supervisor_of(folder)
    if supervisor is not None and is_the_process(*supervisor):
        return {"answer": "alive", "why": "The script removed its run folder or the records in it; it runs on."}
    if os.path.exists(tombstone_of(folder)) and not (was_started(folder) and was_only_stopped(folder)):
        return {"answer": "absent", "why": "The run was ended or cleaned up on the target."}
    if was_started(folder):
        return {
            "answer": "lost",
            "why": "The run was started, but somebody removed its run folder or the records in it.",
        }
    if os.path.isdir(folder):
        return {"answer": "absent", "why": "The code is being placed; nothing was started yet."}
    return {"answer": "absent", "why": "There is no trace of this run in the work folder."}
