"""start: one program per run, whoever asks and how often."""

import errno
import json
import os
import signal

from .files import PROTOCOL, is_unwanted, read_json, read_state, remove_secrets, tombstone_of, write_state
from .locks import record_started, reserve_started, take_launch_lock, was_started
from .processes import adopt_orphans, boot_id, load_prctl, process_facts
from .program import run_program
from .removal import remove_tree
from .supervision import AWAITED, Supervision

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LAUNCH_PATIENCE_SECONDS = 20.0


def start(folder: str) -> "dict[str, Any]":
    """Start the program unless it was started or ended before; return when it is spawned or could not be.

    Answers: started, found, refused (tombstone or cancel), busy (somebody holds the launch lock), failed with stage
    and errno. A failed start stays failed: each later start gets the same answer. Whoever asks may live on: nothing of
    the start stays open there.
    """
    launch_lock = take_launch_lock(folder, LAUNCH_PATIENCE_SECONDS)
    if launch_lock is None:
        return {"answer": "busy"}
    try:
        return start_locked(folder, launch_lock)
    finally:
        os.close(launch_lock)


def verdict(folder: str) -> "dict[str, Any]":
    """Return what the records say to one more start, while the launch lock is held: admitted, found, refused, failed.

    The secrets that one more start has placed are removed where there is a state: then nobody is left who reads them.
    """
    state = read_state(folder)
    if state is not None:
        remove_secrets(folder)
        return failure_in(state) if state["phase"] == "failed" else {"answer": "found"}
    if os.path.exists(tombstone_of(folder)):
        if os.path.lexists(folder):
            remove_tree(folder)
        return {"answer": "refused"}
    return {"answer": "found" if was_started(folder) else "admitted"}


def start_locked(folder: str, launch_lock: int) -> "dict[str, Any]":
    """Do it while the launch lock is held; the supervisor inherits it and lets it go when the program is spawned."""
    found = verdict(folder)
    if found["answer"] == "found":
        remove_secrets(folder)
    return fork_supervisor(folder, launch_lock) if found["answer"] == "admitted" else found


def fork_supervisor(folder: str, launch_lock: int, resumed: "dict[str, Any] | None" = None) -> "dict[str, Any]":
    """Fork the supervisor and return its answer. `resumed` is what its state takes over where it is not the first."""
    load_prctl()
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            if os.fork() == 0:
                os.close(receiver)
                become_supervisor(folder, sender, launch_lock, resumed)
        finally:
            os._exit(0)
    os.close(sender)
    os.waitpid(child, 0)
    with os.fdopen(receiver, "rb") as pipe:
        answer = pipe.read()
    return dict(json.loads(answer.decode("ascii"))) if answer else answer_of_records(folder)


def answer_of_records(folder: str) -> "dict[str, Any]":
    """Return what a supervisor would have answered that was killed before it could: a program may end it at once."""
    state = read_state(folder)
    if state is not None and state.get("phase") == "running":
        return {"answer": "started", "pid": state.get("pid")}
    if state is not None and state.get("phase") == "failed":
        return failure_in(state)
    return {"answer": "failed", "stage": "supervisor", "errno": errno.ECHILD}


def failure_in(state: "dict[str, Any]") -> "dict[str, Any]":
    """Return the answer of a start that failed."""
    return {"answer": "failed", "stage": state["stage"], "errno": state["errno"]}


def redirect_streams() -> None:
    """Let go of the caller's streams: what keeps one open keeps an SSH channel open, or dies with it."""
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    if null > 2:
        os.close(null)


def become_supervisor(folder: str, sender: int, launch_lock: int, resumed: "dict[str, Any] | None" = None) -> None:
    """Run as the detached supervisor until the run has ended. The launch lock is kept until the program is spawned."""
    redirect_streams()
    os.chdir("/")
    for ignored in (signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
    supervision = None
    try:
        if resumed is None:
            reserve_started(launch_lock)
        supervision = Supervision(folder)
        answer = spawn(supervision, resumed)
    except OSError as error:
        answer = {"answer": "failed", "stage": "run_folder", "errno": error.errno}
    acknowledge(sender, answer)
    if supervision is not None and answer["answer"] == "started":
        try:
            facts = process_facts(os.getpid())
            record_started(launch_lock, os.getpid(), facts[2] if facts else 0, boot_id())
            os.close(launch_lock)
            supervision.watch()
        except (OSError, ValueError, LookupError, TypeError) as error:
            supervision.note("the supervisor failed, the program runs on without it: %r" % error)
            raise


def acknowledge(sender: int, answer: "dict[str, Any]") -> None:
    """Tell the launcher; one that was killed meanwhile hears nothing, and the run goes on."""
    try:
        os.write(sender, json.dumps(answer).encode("ascii"))
    except BrokenPipeError:
        return
    finally:
        os.close(sender)


def spawn(supervision: Supervision, resumed: "dict[str, Any] | None" = None) -> "dict[str, Any]":
    """Start the program behind a gate that opens when its identity is on disk: no program runs that nobody knows. One
    that is resumed has no secrets any more, and began when it was started first. The state comes before the secrets
    are removed: a start that loses its own to this one must find by whom it was overtaken."""
    folder = supervision.folder
    secrets = read_json(os.path.join(folder, "secrets.json")) or {}
    if resumed is None and sorted(secrets) != sorted(supervision.spec["secret_names"]):
        remove_secrets(folder)
        return {"answer": "failed", "stage": "secrets", "errno": errno.ENOENT}
    facts = process_facts(os.getpid())
    state = {"protocol": PROTOCOL, "phase": "starting", "boot_id": boot_id()}  # type: dict[str, Any]
    state.update(resumed or {}, supervisor=os.getpid(), supervisor_ticks=facts[2] if facts else 0)
    write_state(folder, state, durable=True)
    remove_secrets(folder)
    if not adopt_orphans():
        supervision.note("this Python cannot adopt orphans: a process that leaves the program's group may outlive it")
    gate, opener = os.pipe()
    receiver, complaints = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(opener)
        run_program(supervision.spec, secrets, supervision.log, gate, complaints)
    secrets.clear()
    os.close(gate)
    os.close(complaints)
    facts = process_facts(pid)
    supervision.begin(pid, resumed)
    state.update(phase="running", pid=pid, ticks=facts[2] if facts else 0, monotonic=supervision.began)
    write_state(folder, state)
    if is_unwanted(folder):
        os.close(opener)
        os.waitpid(pid, 0)
        supervision.record_no_start()
        return {"answer": "refused"}
    os.write(opener, b"g")
    os.close(opener)
    with os.fdopen(receiver, "rb") as pipe:
        complaint = pipe.read().decode("ascii")
    if complaint:
        os.waitpid(pid, 0)
        stage, number = complaint.rsplit(" ", 1)
        failed = dict(state, phase="failed", stage=stage, errno=int(number), pid=0)
        if resumed is None:  # what ran before was started, so it is lost
            write_state(folder, failed)
        supervision.note("the program could not be started (%s): %s" % (stage, os.strerror(int(number))))
        return failure_in(failed)
    supervision.note(("started pid %d" if resumed is None else "started again, pid %d") % pid)
    return {"answer": "started", "pid": pid}
