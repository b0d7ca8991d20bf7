"""stop: ask for the end of a run, whatever state it is in."""

import errno
import os
import signal
import time

from .files import (
    STOPPED,
    cancel_grace,
    read_exit,
    read_state,
    reserve_exit,
    write_cancel,
    write_exit,
    write_state,
    write_tombstone,
)
from .launch import redirect_streams
from .locks import is_locked, lock_run, supervisor_of, take_launch_lock, was_started
from .log import measure_log
from .processes import is_program_alive, is_the_process, processes_of_run, signal_group, signal_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PATIENCE_SECONDS = 2.0
KILL_SECONDS = 10.0


def stop(folder: str, grace_seconds: float) -> "dict[str, Any]":
    """Ask for the end and return at once: ending, gone, or never_started (and now it never will).

    Without the launch lock, which a launch that froze may hold, the most that can be said is that the end is under
    way: the launch looks for the tombstone and the cancel file before it lets the program run. What ends while it is
    asked to was not gone before.
    """
    launch_lock = take_launch_lock(folder, PATIENCE_SECONDS)
    was_over = is_over(folder)
    is_forbidden = write_tombstone(folder, STOPPED)
    if os.path.isdir(folder):
        write_cancel(folder, grace_seconds)
    state = read_state(folder)
    supervisor = supervisor_of(folder) if state is None else None
    if supervisor is not None and is_the_process(*supervisor):
        signal_process(supervisor[0], signal.SIGUSR1)
        return {"answer": "ending"}
    if state is None and is_locked(folder):
        return {"answer": "ending"}
    if state is None or state["phase"] == "failed":
        if not is_forbidden:
            raise OSError(errno.ENOSPC, "no space is left for a tombstone")
        is_ending = launch_lock is None or not was_over
        return {"answer": "ending" if is_ending else "gone" if was_started(folder) else "never_started"}
    if is_locked(folder):
        if is_the_process(state["supervisor"], state["supervisor_ticks"], state["boot_id"]):
            signal_process(state["supervisor"], signal.SIGUSR1)
        return {"answer": "ending"}
    if read_exit(folder) is not None or not is_program_alive(state):
        return {"answer": "gone" if was_over else "ending"}
    child = os.fork()
    if child == 0:
        os.setsid()
        if os.fork() == 0:
            redirect_streams()
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            if launch_lock is not None:
                os.close(launch_lock)
            end_orphan(folder, state, grace_seconds)
        os._exit(0)
    os.waitpid(child, 0)
    return {"answer": "ending"}


def is_over(folder: str) -> bool:
    """Whether nothing of a run is there that could be ended. Records that a script has damaged do not say so."""
    try:
        state = read_state(folder)
        if is_locked(folder):
            return False
        if state is None:
            supervisor = supervisor_of(folder)
            return supervisor is None or not is_the_process(*supervisor)
        return state["phase"] == "failed" or read_exit(folder) is not None or not is_program_alive(state)
    except (OSError, LookupError, TypeError, ValueError):
        return False


def end_orphan(folder: str, state: "dict[str, Any]", grace_seconds: float) -> None:
    """End a program whose supervisor is dead: TERM, grace, KILL, then an exit record without a code.

    That it is adopted is written before the lock is taken: whoever finds the lock held knows by whom.
    """
    if read_exit(folder) is not None:
        return
    write_state(folder, dict(state, adopted=True, supervisor=os.getpid(), supervisor_ticks=0))
    if lock_run(folder, 1.0) is None or read_exit(folder) is not None:
        return
    began = time.monotonic()
    steps = [("TERM", round(began - state["monotonic"], 3))]
    signal_group(state["pid"], signal.SIGTERM)
    while is_program_alive(state) and time.monotonic() < began + cancel_grace(folder, grace_seconds):
        time.sleep(0.05)
    if is_program_alive(state):
        steps.append(("KILL", round(time.monotonic() - state["monotonic"], 3)))
    kill_all(folder, state)
    duration = round(time.monotonic() - state["monotonic"], 6)
    log = os.open(os.path.join(folder, "log"), os.O_RDONLY | os.O_CLOEXEC)
    log_bytes, log_crc32 = measure_log(log)
    record = {"code": None, "signal": None, "ended_by": "cancel", "out_of_memory": False, "steps": steps}
    facts = {"duration_seconds": duration, "log_bytes": log_bytes, "log_crc32": log_crc32}
    write_exit(reserve_exit(folder), dict(record, **facts))


def kill_all(folder: str, state: "dict[str, Any]") -> None:
    """Kill the program and every process with the run's mark in its environment, until none is left."""
    deadline = time.monotonic() + KILL_SECONDS
    while time.monotonic() < deadline:
        left = processes_of_run(folder)
        alive = is_program_alive(state)
        if not alive and not left:
            return
        if alive:
            signal_group(state["pid"], signal.SIGKILL)
        for pid in left:
            signal_process(pid, signal.SIGKILL)
        time.sleep(0.02)
