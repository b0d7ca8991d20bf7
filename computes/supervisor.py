"""The supervisor: starts one program on a target and is the only thing of ours that has to stay alive there.

One file, standard library only, Python 3.6 or newer on Linux, run as `python -I -S supervisor.py VERB RUN_FOLDER …`:

    start RUN_FOLDER            start the program of spec.json; answers when it is spawned; a second start finds the first
    stop RUN_FOLDER GRACE       ask for the end (TERM, GRACE seconds, KILL); a run that has not started never will
    status RUN_FOLDER           look, change nothing
    clean_up RUN_FOLDER         remove the run folder of an ended run and leave a tombstone

Each verb prints one JSON object with the key "answer". A run folder is WORK_FOLDER/runs/NAME; its tombstone is
WORK_FOLDER/ended/NAME; WORK_FOLDER/locks/NAME is locked by start, stop and clean_up, and says "started" once the
program was spawned. Everything known about a run is in the files of its folder, so any process may look at any time.
Times are seconds, sizes bytes. The rules and measurements behind it: docs/architecture.md.
"""

import errno
import fcntl
import json
import os
import signal
import stat
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PROTOCOL = 1
RESERVED_BYTES = 4096
TICK_SECONDS = 0.1
SLOW_TICK_SECONDS = 1.0
LINGER_SECONDS = 0.25
LEFTOVER_GRACE_SECONDS = 2.0
OVERFLOW_GRACE_SECONDS = 5.0
KILL_SECONDS = 10.0
STOP_PATIENCE_SECONDS = 2.0
LAUNCH_PATIENCE_SECONDS = 20.0
CHECKSUM_LIMIT_BYTES = 1024**3
TOMBSTONE_SECONDS = 30 * 86400
PR_SET_CHILD_SUBREAPER = 36
AWAITED = (signal.SIGCHLD, signal.SIGUSR1, signal.SIGTERM, signal.SIGINT)


# ---- the files of a run ----------------------------------------------------------------------------------------


def work_folder_of(folder: str) -> str:
    return os.path.dirname(os.path.dirname(folder))


def tombstone_of(folder: str) -> str:
    return os.path.join(work_folder_of(folder), "ended", os.path.basename(folder))


def launch_lock_of(folder: str) -> str:
    return os.path.join(work_folder_of(folder), "locks", os.path.basename(folder))


def read_json(path: str) -> "Any":
    """Return the object in a file, or None when there is none or it is not complete."""
    try:
        with open(path, "rb") as file:
            return json.loads(file.read().decode("utf-8"))
    except (OSError, ValueError):
        return None


def write_json(path: str, value: "Any", durable: bool = False) -> None:
    """Replace a file whole. `durable` also survives a power cut."""
    temporary = "%s.%d.tmp" % (path, os.getpid())
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, json.dumps(value).encode("ascii"))
        if durable:
            os.fsync(descriptor)
    except OSError:
        os.unlink(temporary)
        raise
    finally:
        os.close(descriptor)
    os.replace(temporary, path)
    if durable:
        parent = os.open(os.path.dirname(path), os.O_RDONLY | os.O_CLOEXEC)
        os.fsync(parent)
        os.close(parent)


def read_state(folder: str) -> "dict[str, Any] | None":
    state = read_json(os.path.join(folder, "state.json"))
    return state if isinstance(state, dict) else None


def read_exit(folder: str) -> "dict[str, Any] | None":
    """Return the exit record, or None: until it is written, exit.json holds only the blanks that reserve its place."""
    record = read_json(os.path.join(folder, "exit.json"))
    return record if isinstance(record, dict) else None


def size_of(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def remove_secrets(folder: str) -> None:
    """Remove what a launch wrote for the program alone, also when that launch came too late or died half-way."""
    for name in os.listdir(folder):
        if name == "secrets.json" or name.startswith(".secrets"):
            try:
                os.unlink(os.path.join(folder, name))
            except FileNotFoundError:
                continue


def write_tombstone(folder: str, why: str) -> None:
    path = tombstone_of(folder)
    if os.path.exists(path):
        return
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    write_json(path, {"why": why, "time": time.time()}, durable=True)


# ---- locks and identities --------------------------------------------------------------------------------------


def take_launch_lock(folder: str, patience_seconds: float) -> "int | None":
    """Return a descriptor that holds the launch lock, or None when somebody else keeps it for too long."""
    path = launch_lock_of(folder)
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    deadline = time.monotonic() + patience_seconds
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.exists(path) and os.stat(path).st_ino == os.fstat(descriptor).st_ino:
                return descriptor
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return None
            time.sleep(0.005)
        os.close(descriptor)


def was_started(folder: str) -> bool:
    try:
        with open(launch_lock_of(folder), "rb") as file:
            return file.read(7) == b"started"
    except OSError:
        return False


def is_locked(folder: str) -> bool:
    """Whether a supervisor holds the run's lock. The look itself holds a shared lock for some microseconds."""
    try:
        descriptor = os.open(os.path.join(folder, "lock"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)


def lock_run(folder: str, patience_seconds: float) -> "int | None":
    """Return a descriptor that holds the run's lock for as long as this process lives."""
    descriptor = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() >= deadline:
                os.close(descriptor)
                return None
            time.sleep(0.002)


def boot_id() -> str:
    with open("/proc/sys/kernel/random/boot_id") as file:
        return file.read().strip()


def process_facts(pid: int) -> "tuple[str, int, int, int] | None":
    """Return (state letter, parent, process group, start ticks), or None when there is no such process."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read().rsplit(b")", 1)[1].split()
    except (OSError, IndexError):
        return None
    return fields[0].decode(), int(fields[1]), int(fields[2]), int(fields[19])


def is_program_alive(state: "dict[str, Any]") -> bool:
    """Whether the very process that was started still lives: pid, start ticks and boot id agree, and it is no zombie."""
    if not state.get("pid") or state.get("boot_id") != boot_id():
        return False
    facts = process_facts(state["pid"])
    return facts is not None and facts[3] == state["ticks"] and facts[0] not in "ZX"


# ---- status ----------------------------------------------------------------------------------------------------


def status(folder: str) -> "dict[str, Any]":
    """Look at a run folder. The exit record is read again after lock and program were found gone: it may just have come."""
    if not os.path.isdir(folder):
        return status_without_folder(folder)
    answer = {
        "answer": "absent",
        "why": "",
        "supervised": True,
        "exit": None,
        "log_bytes": size_of(os.path.join(folder, "log")),
        "system_bytes": size_of(os.path.join(folder, "system.log")),
        "metrics_bytes": size_of(os.path.join(folder, "metrics.jsonl")),
    }  # type: dict[str, Any]
    state = read_state(folder)
    if state is None:
        answer["why"] = "The code is being placed; nothing was started yet."
        return answer
    if state["phase"] == "failed":
        answer["why"] = "The program could not be started."
        return answer
    if is_locked(folder) and read_exit(folder) is None:
        answer["answer"] = "alive" if state["phase"] == "running" else "starting"
        answer["supervised"] = not state.get("adopted", False)
        return answer
    alive = is_program_alive(state)
    answer["exit"] = read_exit(folder)
    for key, name in (("log_bytes", "log"), ("system_bytes", "system.log"), ("metrics_bytes", "metrics.jsonl")):
        answer[key] = size_of(os.path.join(folder, name))
    if answer["exit"] is not None:
        answer["answer"] = "exited"
    elif is_locked(folder):
        answer["answer"] = "alive" if alive else "starting"
    elif alive:
        answer.update(answer="alive", supervised=False)
        answer["why"] = "The supervisor was ended; the program runs on, but its exit code will not be known."
    else:
        answer["answer"] = "lost"
        if state.get("boot_id") != boot_id():
            answer["why"] = "The machine was restarted while the run was on it."
        elif state["phase"] == "running":
            answer["why"] = "The supervisor was ended before the program, so the exit code is not known."
        else:
            answer["why"] = "The supervisor was ended before it had started the program."
    return answer


def status_without_folder(folder: str) -> "dict[str, Any]":
    if os.path.exists(tombstone_of(folder)):
        return {"answer": "absent", "why": "The run was ended or cleaned up on the target."}
    if was_started(folder):
        return {"answer": "lost", "why": "The run was started, but somebody removed its run folder."}
    return {"answer": "absent", "why": "There is no trace of this run in the work folder."}


# ---- start -----------------------------------------------------------------------------------------------------


def start(folder: str) -> "dict[str, Any]":
    """Start the program unless it was started or ended before; return when it is spawned or could not be."""
    launch_lock = take_launch_lock(folder, LAUNCH_PATIENCE_SECONDS)
    if launch_lock is None:
        return {"answer": "busy"}
    state = read_state(folder)
    if state is not None:
        remove_secrets(folder)
        return failed_answer(state) if state["phase"] == "failed" else {"answer": "found"}
    if os.path.exists(tombstone_of(folder)):
        return {"answer": "refused"}
    if not os.path.isdir(folder):
        return {"answer": "failed", "stage": "run folder", "errno": errno.ENOENT}
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.close(receiver)
        become_supervisor(folder, sender, launch_lock)
        os._exit(0)
    os.close(sender)
    os.waitpid(child, 0)
    with os.fdopen(receiver, "rb") as answers:
        answer = answers.read()
    return json.loads(answer.decode("ascii")) if answer else {"answer": "failed", "stage": "supervisor", "errno": 0}


def failed_answer(state: "dict[str, Any]") -> "dict[str, Any]":
    return {"answer": "failed", "stage": state["stage"], "errno": state["errno"]}


def redirect_streams() -> None:
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    if null > 2:
        os.close(null)


def become_supervisor(folder: str, sender: int, launch_lock: int) -> None:
    """Run as the detached supervisor until the run has ended. The launch lock is kept until the program is spawned."""
    redirect_streams()
    for ignored in (signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
    supervision = None
    try:
        supervision = Supervision(folder)
        answer = supervision.spawn()
        if answer["answer"] == "started":
            os.pwrite(launch_lock, b"started\n", 0)
    except OSError as error:
        answer = {"answer": "failed", "stage": "run folder", "errno": error.errno}
    os.write(sender, json.dumps(answer).encode("ascii"))
    os.close(sender)
    os.close(launch_lock)
    if supervision is not None and answer["answer"] == "started":
        supervision.watch()


class Supervision:
    """One run under supervision: its files are open, its lock is held."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.lock = lock_run(folder, 5.0)
        if self.lock is None:
            raise OSError(errno.EAGAIN, "the run's lock is held")
        append = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self.log = os.open(os.path.join(folder, "log"), append | os.O_RDWR, 0o600)
        self.system = os.open(os.path.join(folder, "system.log"), append, 0o600)
        self.exit = os.open(os.path.join(folder, "exit.json"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.pwrite(self.exit, b" " * RESERVED_BYTES, 0)
        os.fsync(self.exit)
        spec = read_json(os.path.join(folder, "spec.json"))
        if not isinstance(spec, dict):
            raise OSError(errno.ENOENT, "spec.json is not there")
        self.spec = spec  # type: dict[str, Any]
        self.steps = []  # type: list[tuple[str, float]]
        self.pid = 0
        self.started = 0.0
        self.ended_by = ""
        self.killed = False
        self.kill_at = None  # type: float | None
        self.cancel_seen = None  # type: int | None
        self.log_peak = 0
        self.oom_kills = count_oom_kills()

    def note(self, text: str) -> None:
        """Add a line to the system log. A full disk loses the line, never the run."""
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        try:
            os.write(self.system, ("%s.%03dZ %s\n" % (stamp, int(now % 1 * 1000), text)).encode("utf-8", "replace"))
        except OSError:
            return

    def step(self, text: str) -> None:
        if len(self.steps) < 20:
            self.steps.append((text, round(time.monotonic() - self.started, 3)))
        self.note(text)

    def spawn(self) -> "dict[str, Any]":
        """Start the program behind a gate that opens when its identity is on disk: no program runs that nobody knows."""
        secrets = read_json(os.path.join(self.folder, "secrets.json")) or {}
        remove_secrets(self.folder)
        state = {
            "protocol": PROTOCOL,
            "phase": "starting",
            "boot_id": boot_id(),
            "supervisor": os.getpid(),
            "supervisor_ticks": (process_facts(os.getpid()) or ("", 0, 0, 0))[3],
            "time": time.time(),
        }  # type: dict[str, Any]
        write_json(os.path.join(self.folder, "state.json"), state, durable=True)
        self.started = time.monotonic()
        if os.path.exists(tombstone_of(self.folder)) or os.path.exists(os.path.join(self.folder, "cancel")):
            self.ended_by = "cancel"
            self.step("canceled before the program was started")
            self.write_exit(None, None)
            return {"answer": "refused"}
        if not adopt_orphans():
            self.note("this machine cannot hand orphaned processes to us; they are found by their environment instead")
        gate, opener = os.pipe()
        complaints, complain = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(opener)
            run_program(self.spec, secrets, self.log, gate, complain)
        secrets.clear()
        os.close(gate)
        os.close(complain)
        facts = process_facts(self.pid)
        state.update(phase="running", pid=self.pid, ticks=facts[3] if facts else 0, monotonic=self.started)
        write_json(os.path.join(self.folder, "state.json"), state)
        self.started = time.monotonic()
        os.write(opener, b"g")
        os.close(opener)
        with os.fdopen(complaints, "rb") as pipe:
            complaint = pipe.read()
        if complaint:
            os.waitpid(self.pid, 0)
            stage, number = complaint.decode("ascii").rsplit(" ", 1)
            state.update(phase="failed", stage=stage, errno=int(number), pid=0)
            write_json(os.path.join(self.folder, "state.json"), state)
            self.note("the program could not be started (%s): %s" % (stage, os.strerror(int(number))))
            return failed_answer(state)
        self.note("started pid %d" % self.pid)
        return {"answer": "started", "pid": self.pid}

    def watch(self) -> None:
        """Wait for the program's end, ending it where a cancel or a limit asks for that; then record how it ended."""
        slow_at = 0.0
        result = None
        while result is None:
            found = signal.sigtimedwait(AWAITED, TICK_SECONDS)
            if found is not None and found.si_signo in (signal.SIGTERM, signal.SIGINT):
                self.note("signal %d to the supervisor is ignored; only a cancel ends a run" % found.si_signo)
            result = self.reap()
            if result is not None:
                break
            now = time.monotonic()
            self.look_for_cancel(now)
            self.look_at_limits(now)
            if now >= slow_at:
                slow_at = now + SLOW_TICK_SECONDS
                self.look_at_disk(now)
            if self.kill_at is not None and now >= self.kill_at and not self.killed:
                self.kill()
        ended = time.monotonic()
        code, killed_by = result
        self.note("exit code %d" % code if killed_by is None else "ended by signal %d" % killed_by)
        self.sweep()
        self.write_exit(code, killed_by, ended - self.started)

    def reap(self) -> "tuple[int, int | None] | None":
        """Bury the dead; return (exit code, signal) when the program itself is among them. 128 + signal is the code."""
        result = None
        while True:
            try:
                pid, wait_status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return result
            if pid == 0:
                return result
            if pid == self.pid:
                killed_by = os.WTERMSIG(wait_status) if os.WIFSIGNALED(wait_status) else None
                result = (128 + killed_by if killed_by else os.WEXITSTATUS(wait_status)), killed_by

    def look_for_cancel(self, now: float) -> None:
        """See the cancel file, and see again when it is replaced: a second cancel may shorten the grace."""
        try:
            changed = os.stat(os.path.join(self.folder, "cancel")).st_mtime_ns
        except OSError:
            return
        if changed == self.cancel_seen:
            return
        self.cancel_seen = changed
        grace = cancel_grace(self.folder, self.spec["grace_seconds"])
        if self.ended_by:
            self.kill_at = min(self.kill_at or now, now + grace)
        else:
            self.step("cancel seen, grace %g s" % grace)
            self.end("cancel", grace, now)

    def look_at_limits(self, now: float) -> None:
        size = os.fstat(self.log).st_size
        if size < self.log_peak:
            self.note("the program cut its log from %d to %d bytes" % (self.log_peak, size))
        cap = self.spec["log_cap_bytes"]
        if self.log_peak < 0.8 * cap <= size < cap:
            self.note("the log has reached 80 %% of its limit of %d bytes" % cap)
        self.log_peak = size
        limit = self.spec["time_limit_seconds"]
        if self.ended_by:
            return
        if limit is not None and now - self.started >= limit:
            self.step("time limit of %g s reached" % limit)
            self.end("time_limit", self.spec["grace_seconds"], now)
        elif size >= cap:
            self.step("log limit of %d bytes reached" % cap)
            self.end("log_limit", min(self.spec["grace_seconds"], OVERFLOW_GRACE_SECONDS), now)

    def look_at_disk(self, now: float) -> None:
        self.oom_kills = count_oom_kills()
        try:
            remove_secrets(self.folder)
            disk = os.statvfs(self.folder)
        except OSError:
            return
        floor = self.spec["free_space_floor_bytes"]
        free = disk.f_bavail * disk.f_frsize
        if free < floor and not self.ended_by:
            self.step("only %d bytes of disk are free, less than %d" % (free, floor))
            self.end("disk_full", min(self.spec["grace_seconds"], OVERFLOW_GRACE_SECONDS), now)

    def end(self, reason: str, grace: float, now: float) -> None:
        self.ended_by = reason
        self.kill_at = now + grace
        signal_group(self.pid, signal.SIGTERM)
        self.step("TERM")

    def kill(self) -> None:
        self.killed = True
        for pid in descendants(os.getpid()):
            signal_process(pid, signal.SIGKILL)
        signal_group(self.pid, signal.SIGKILL)
        self.step("KILL")

    def sweep(self) -> None:
        """End what the program left behind, also in sessions of its own: ask, wait, kill until nothing is left."""
        now = time.monotonic()
        left = self.wait_for_children(now + LINGER_SECONDS)
        if not left:
            return
        count = len(left)
        for pid in left:
            signal_process(pid, signal.SIGTERM)
        until = max(self.kill_at or 0.0, time.monotonic() + LEFTOVER_GRACE_SECONDS)
        if self.killed:
            until = 0.0
        self.wait_for_children(until)
        deadline = time.monotonic() + KILL_SECONDS
        while time.monotonic() < deadline:
            for pid in descendants(os.getpid()):
                signal_process(pid, signal.SIGKILL)
            left = self.wait_for_children(time.monotonic() + 0.02)
            if not left:
                break
        self.step("swept %d process%s" % (count, "" if count == 1 else "es"))
        if left:
            self.note("%d processes would not end" % len(left))

    def wait_for_children(self, until: float) -> "list[int]":
        """Wait until no descendant is left or the time has come; return those that are left."""
        while True:
            try:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    continue
            except ChildProcessError:
                return []
            self.look_for_cancel(time.monotonic())
            if self.kill_at is not None and self.cancel_seen is not None:
                until = min(until, max(self.kill_at, time.monotonic() - 1))
            remaining = until - time.monotonic()
            if remaining <= 0:
                return descendants(os.getpid())
            signal.sigtimedwait((signal.SIGCHLD, signal.SIGUSR1), min(remaining, TICK_SECONDS))

    def write_exit(self, code: "int | None", killed_by: "int | None", duration: float = 0.0) -> None:
        """Overwrite the reserved block, so that a full disk cannot lose the exit code."""
        by_kernel = killed_by == signal.SIGKILL or code == 128 + signal.SIGKILL
        oom_kills = count_oom_kills()
        if oom_kills > self.oom_kills:
            self.note(
                "the kernel ended %d processes of this memory group: out of memory" % (oom_kills - self.oom_kills)
            )
        log_bytes, log_crc32 = measure_log(self.log)
        write_record(
            self.exit,
            {
                "code": code,
                "signal": killed_by,
                "ended_by": self.ended_by,
                "out_of_memory": by_kernel and not self.killed and oom_kills > self.oom_kills,
                "duration_seconds": round(duration, 6),
                "log_bytes": log_bytes,
                "log_crc32": log_crc32,
                "steps": self.steps,
            },
        )


def write_record(descriptor: int, record: "dict[str, Any]") -> None:
    data = json.dumps(record).encode("ascii").ljust(RESERVED_BYTES - 1) + b"\n"
    os.pwrite(descriptor, data, 0)
    os.fsync(descriptor)


def cancel_grace(folder: str, default: float) -> float:
    wish = read_json(os.path.join(folder, "cancel"))
    return float(wish["grace_seconds"]) if isinstance(wish, dict) else float(default)


def measure_log(descriptor: int) -> "tuple[int, int | None]":
    """Return the log's size and crc32; no checksum beyond 1 GiB, where it would delay the end by more than a second."""
    import zlib  # noqa: PLC0415 - costs the start a millisecond and is needed at the end only

    size = os.fstat(descriptor).st_size
    if size > CHECKSUM_LIMIT_BYTES:
        return size, None
    checksum, offset = 0, 0
    while offset < size:
        data = os.pread(descriptor, min(1 << 20, size - offset), offset)
        if not data:
            break
        checksum = zlib.crc32(data, checksum)
        offset += len(data)
    return offset, checksum


def adopt_orphans() -> bool:
    """Become the parent of every process that the program orphans, so that daemons can be found and ended."""
    try:
        import ctypes  # noqa: PLC0415 - some Pythons are built without it

        return bool(ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (ImportError, OSError, AttributeError):
        return False


def run_program(spec: "dict[str, Any]", secrets: "dict[str, str]", log: int, gate: int, complain: int) -> None:
    """Become the program: own session, clean signals, log as stdout and stderr. Never returns."""
    stage = "gate"
    try:
        os.setsid()
        os.set_inheritable(log, False)
        os.dup2(log, 1)
        os.dup2(log, 2)
        for number in (signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        raise_oom_score()
        environment = dict(spec["environment"])
        environment.update(secrets)
        encoded = {encode(name): encode(value) for name, value in environment.items()}
        arguments = [encode(argument) for argument in spec["argv"]]
        if os.read(gate, 1) != b"g":
            os._exit(125)
        stage = "working folder"
        os.chdir(encode(spec["working_folder"]))
        stage = "program"
        os.execve(arguments[0], arguments, encoded)
    except OSError as error:
        os.write(complain, ("%s %d" % (stage, error.errno or 0)).encode("ascii"))
    except (ValueError, KeyError, TypeError):
        os.write(complain, b"spec %d" % errno.EINVAL)
    finally:
        os._exit(126)


def raise_oom_score() -> None:
    """Let the kernel take the program rather than us when memory runs out. Harmless where it is not permitted."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("500")
    except OSError:
        return


def encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


# ---- processes -------------------------------------------------------------------------------------------------


def all_pids() -> "list[int]":
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def descendants(root: int) -> "list[int]":
    """Return every living process below `root`, zombies left out."""
    children = {}  # type: dict[int, list[int]]
    zombies = set()
    for pid in all_pids():
        facts = process_facts(pid)
        if facts is not None:
            children.setdefault(facts[1], []).append(pid)
            if facts[0] in "ZX":
                zombies.add(pid)
    found, pending = [], [root]
    while pending:
        for child in children.get(pending.pop(), []):
            pending.append(child)
            if child not in zombies:
                found.append(child)
    return found


def processes_of_run(folder: str) -> "list[int]":
    """Return every process that carries the run folder in its environment, ours left out."""
    cookie = b"AMLWEB_RUN_FOLDER=" + os.fsencode(folder)
    found = []
    for pid in all_pids():
        try:
            with open("/proc/%d/environ" % pid, "rb") as file:
                if pid != os.getpid() and cookie in file.read().split(b"\0"):
                    found.append(pid)
        except OSError:
            continue
    return found


def signal_process(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def count_oom_kills() -> int:
    """Return how many processes of our memory group the kernel has ended for want of memory (cgroup v2, v1, machine)."""
    candidates = []
    try:
        with open("/proc/self/cgroup") as file:
            for line in file:
                _, controllers, path = line.rstrip("\n").split(":", 2)
                if controllers == "":
                    candidates += ["/sys/fs/cgroup" + path + "/memory.events", "/sys/fs/cgroup/memory.events"]
                elif "memory" in controllers.split(","):
                    candidates.insert(0, "/sys/fs/cgroup/memory/memory.oom_control")
                    candidates.insert(0, "/sys/fs/cgroup/memory" + path + "/memory.oom_control")
    except (OSError, ValueError):
        candidates = []
    for candidate in candidates + ["/proc/vmstat"]:
        try:
            with open(candidate) as file:
                for line in file:
                    if line.startswith("oom_kill "):
                        return int(line.split()[1])
        except (OSError, ValueError):
            continue
    return 0


# ---- stop ------------------------------------------------------------------------------------------------------


def stop(folder: str, grace_seconds: float) -> "dict[str, Any]":
    """Ask for the end and return at once. Without the launch lock (a launch that froze) the end is only under way."""
    launch_lock = take_launch_lock(folder, STOP_PATIENCE_SECONDS)
    write_tombstone(folder, "stopped")
    if not os.path.isdir(folder):
        return {"answer": "gone" if was_started(folder) else "never_started" if launch_lock else "ending"}
    write_cancel(folder, grace_seconds)
    state = read_state(folder)
    if state is None or state["phase"] == "failed":
        return {"answer": "never_started" if launch_lock else "ending"}
    if read_exit(folder) is not None:
        return {"answer": "gone"}
    if is_locked(folder):
        facts = process_facts(state["supervisor"])
        if facts is not None and facts[3] == state["supervisor_ticks"] and state.get("boot_id") == boot_id():
            signal_process(state["supervisor"], signal.SIGUSR1)
        return {"answer": "ending"}
    if not is_program_alive(state):
        return {"answer": "gone"}
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            redirect_streams()
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            if launch_lock is not None:
                os.close(launch_lock)
            end_orphan(folder, state, grace_seconds)
        os._exit(0)
    os.wait()
    return {"answer": "ending"}


def write_cancel(folder: str, grace_seconds: float) -> None:
    """Leave the cancel file; on a full disk an empty one, which stands for the run's own grace."""
    path = os.path.join(folder, "cancel")
    try:
        write_json(path, {"grace_seconds": grace_seconds})
    except OSError:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))


def end_orphan(folder: str, state: "dict[str, Any]", grace_seconds: float) -> None:
    """End a program whose supervisor is dead: TERM, grace, KILL, then an exit record without a code."""
    if lock_run(folder, 1.0) is None or read_exit(folder) is not None:
        return
    write_json(os.path.join(folder, "state.json"), dict(state, adopted=True, supervisor=os.getpid()))
    steps = [("TERM", round(time.monotonic() - state["monotonic"], 3))]
    signal_group(state["pid"], signal.SIGTERM)
    began = time.monotonic()
    while is_program_alive(state) and time.monotonic() < began + min(
        grace_seconds, cancel_grace(folder, grace_seconds)
    ):
        time.sleep(0.05)
    duration = time.monotonic() - state["monotonic"]
    if is_program_alive(state):
        steps.append(("KILL", round(duration, 3)))
    deadline = time.monotonic() + KILL_SECONDS
    while time.monotonic() < deadline:
        left = processes_of_run(folder)
        if is_program_alive(state):
            signal_group(state["pid"], signal.SIGKILL)
        elif not left:
            break
        for pid in left:
            signal_process(pid, signal.SIGKILL)
        time.sleep(0.02)
    log = os.open(os.path.join(folder, "log"), os.O_RDONLY | os.O_CLOEXEC)
    log_bytes, log_crc32 = measure_log(log)
    descriptor = os.open(os.path.join(folder, "exit.json"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    record = {"code": None, "signal": None, "ended_by": "cancel", "out_of_memory": False, "steps": steps}
    record.update(duration_seconds=round(duration, 6), log_bytes=log_bytes, log_crc32=log_crc32)
    write_record(descriptor, record)


# ---- clean_up --------------------------------------------------------------------------------------------------


def clean_up(folder: str) -> "dict[str, Any]":
    """Remove the run folder of a run that has ended or never started; the tombstone keeps a late start from working."""
    launch_lock = take_launch_lock(folder, LAUNCH_PATIENCE_SECONDS)
    if launch_lock is None:
        return {"answer": "busy"}
    state = read_state(folder)
    if state is not None and ((is_locked(folder) and read_exit(folder) is None) or is_program_alive(state)):
        return {"answer": "alive"}
    write_tombstone(folder, "cleaned up")
    if os.path.lexists(folder):
        for pid in processes_of_run(folder):
            signal_process(pid, signal.SIGKILL)
        remove_tree(folder)
    sweep_tombstones(work_folder_of(folder))
    return {"answer": "clean"}


def remove_tree(top: str) -> None:
    """Remove a folder that hostile code may have filled: no link is followed, no depth and no mode stands in the way.

    Each inner folder is first moved up to the top, so that no path is ever deeper than two.
    """
    os.chmod(top, 0o700)
    root = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    moved = 0
    pending = ["."]
    while pending:
        name = pending.pop()
        here = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=root)
        for entry in os.listdir(here):
            if name == "." and entry.startswith(".removed-") and entry[9:].isdigit():
                moved = max(moved, int(entry[9:]))
        for entry in os.listdir(here):
            if not stat.S_ISDIR(os.stat(entry, dir_fd=here, follow_symlinks=False).st_mode):
                os.unlink(entry, dir_fd=here)
                continue
            moved += 1
            target = ".removed-%d" % moved
            os.chmod(entry, 0o700, dir_fd=here)
            os.rename(entry, target, src_dir_fd=here, dst_dir_fd=root)
            pending.append(target)
        os.close(here)
        if name != ".":
            os.rmdir(name, dir_fd=root)
    os.close(root)
    os.rmdir(top)


def sweep_tombstones(work: str) -> None:
    """Once a day, drop tombstones and launch locks that are 30 days old and that no run folder needs any more."""
    swept = os.path.join(work, "ended", ".swept")
    now = time.time()
    try:
        if now - os.stat(swept).st_mtime < 86400:
            return
    except OSError:
        os.makedirs(os.path.dirname(swept), 0o700, exist_ok=True)
    with open(swept, "w"):
        os.utime(swept)
    for kind in ("ended", "locks"):
        for entry in os.listdir(os.path.join(work, kind)):
            path = os.path.join(work, kind, entry)
            old = now - os.stat(path).st_mtime > TOMBSTONE_SECONDS
            if old and not os.path.lexists(os.path.join(work, "runs", entry)):
                os.unlink(path)


# ---- the command -----------------------------------------------------------------------------------------------


def main(arguments: "list[str]") -> int:
    """Run one verb, print its answer as one line of JSON; 64 for a wrong command line."""
    verbs = {"start": start, "status": status, "clean_up": clean_up}
    if len(arguments) == 2 and arguments[0] in verbs:
        answer = verbs[arguments[0]](os.path.abspath(arguments[1]))
    elif len(arguments) == 3 and arguments[0] == "stop":
        answer = stop(os.path.abspath(arguments[1]), float(arguments[2]))
    else:
        sys.stderr.write("usage: supervisor.py start|status|clean_up RUN_FOLDER, or stop RUN_FOLDER GRACE_SECONDS\n")
        return 64
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
