"""One run under supervision: from the spawn to the exit record."""

import errno
import os
import signal
import time

from .files import cancel_grace, read_json, remove_secrets, reserve_exit, write_exit
from .leftovers import Leftovers
from .locks import lock_run
from .log import measure_log
from .processes import count_oom_kills, descendants, signal_group, signal_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TICK_SECONDS = 0.1
SLOW_TICK_SECONDS = 1.0
OVERFLOW_GRACE_SECONDS = 5.0
OUTSIDE_GRACE_SECONDS = 5.0
STEPS_KEPT = 20
AWAITED = (signal.SIGCHLD, signal.SIGUSR1, signal.SIGTERM, signal.SIGINT)


class Supervision:
    """A run whose lock this process holds and whose files are open. OSError: the run folder cannot be written.

    `is_alone`: the run has a container of its own. Then each process that the kernel ends for want of memory is one of
    this run, and a signal to us is the wish to end the container.
    """

    def __init__(self, folder: str, is_alone: bool = False) -> None:
        self.folder = folder
        self.lock = lock_run(folder, 5.0)
        if self.lock is None:
            raise OSError(errno.EAGAIN, "the run's lock is held")
        append = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self.log = os.open(os.path.join(folder, "log"), append, 0o600)
        self.system = os.open(os.path.join(folder, "system.log"), append, 0o600)
        self.exit = reserve_exit(folder)
        spec = read_json(os.path.join(folder, "spec.json"))
        if spec is None:
            raise OSError(errno.ENOENT, "spec.json is not there")
        self.spec = spec
        self.steps = []  # type: list[tuple[str, float]]
        self.pid = 0
        self.began = time.monotonic()
        self.ended_by = ""
        self.killed = False
        self.kill_at = None  # type: float | None
        self.cancel_seen = None  # type: int | None
        self.log_peak = 0
        self.is_alone = is_alone
        self.oom_kills = self.oom_kills_before = self.oom_kills_at_start = count_oom_kills(is_alone)

    def begin(self, pid: int, resumed: "dict[str, Any] | None" = None) -> None:
        """The program is about to run: durations and the time limit count from here, or from its first start."""
        self.pid = pid
        self.began = time.monotonic() if resumed is None else resumed["monotonic"]

    def note(self, text: str) -> None:
        """Add a line to the system log, time in UTC. A full disk loses the line, never the run."""
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        try:
            os.write(self.system, ("%s.%03dZ %s\n" % (stamp, int(now % 1 * 1000), text)).encode("utf-8", "replace"))
        except OSError:
            return

    def step(self, text: str) -> None:
        """Note what a stop did and keep it for the exit record."""
        if len(self.steps) < STEPS_KEPT:
            self.steps.append((text, round(time.monotonic() - self.began, 3)))
        self.note(text)

    def watch(self) -> int:
        """Wait for the program's end, ending it where a cancel or a limit asks for that; then record how it ended.
        Return its exit code.

        The end of a child wakes us at once; all else is looked at ten times a second, the disk once.
        """
        slow_at = 0.0
        while True:
            found = signal.sigtimedwait(AWAITED, TICK_SECONDS)
            if found is not None and found.si_signo in (signal.SIGTERM, signal.SIGINT):
                self.hear(found.si_signo)
            result = self.bury()
            if result is not None:
                break
            now = time.monotonic()
            self.look_for_cancel(now)
            if found is not None and found.si_signo == signal.SIGUSR1 and self.kill_at is None:
                self.end("cancel", "asked to end by a signal", self.spec["grace_seconds"])
            self.look_at_limits(now)
            if now >= slow_at:
                slow_at = now + SLOW_TICK_SECONDS
                self.look_at_disk(now)
            if self.kill_at is not None and now >= self.kill_at and not self.killed:
                self.kill()
        duration = time.monotonic() - self.began
        code, killed_by = result
        self.note("exit code %d" % code if killed_by is None else "ended by signal %d" % killed_by)
        Leftovers(self).sweep()
        self.record(code, killed_by, duration)
        return code

    def hear(self, number: int) -> None:
        """Heed a signal from outside where we are a container's first command; otherwise only a cancel ends a run."""
        if not self.is_alone:
            self.note("signal %d to the supervisor is ignored; only a cancel ends a run" % number)
        elif self.kill_at is None:
            text = "signal %d from outside: somebody stops the container, or Docker itself is being stopped" % number
            self.end("", text, min(self.spec["grace_seconds"], OUTSIDE_GRACE_SECONDS))

    def bury(self) -> "tuple[int, int | None] | None":
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
        if self.kill_at is not None:
            self.kill_at = min(self.kill_at, now + grace)
        else:
            self.end("cancel", "cancel seen, grace %g s" % grace, grace)

    def look_at_limits(self, now: float) -> None:
        """End the run at its time limit or when its log has grown too large. A program may cut its own log."""
        size = os.fstat(self.log).st_size
        cap = self.spec["log_cap_bytes"]
        if size < self.log_peak:
            self.note("the program cut its log from %d to %d bytes" % (self.log_peak, size))
        elif self.log_peak < 0.8 * cap <= size:
            self.note("the log has reached 80 %% of its limit of %d bytes" % cap)
        self.log_peak = size
        self.cut_log(cap)
        limit = self.spec["time_limit_seconds"]
        grace = self.spec["grace_seconds"]
        if self.kill_at is not None:
            return
        if limit is not None and now - self.began >= limit:
            self.end("time_limit", "time limit of %g s reached" % limit, grace)
        elif size >= cap:
            self.end("log_limit", "log limit of %d bytes reached" % cap, min(grace, OVERFLOW_GRACE_SECONDS))

    def cut_log(self, cap: int) -> None:
        """Cut a log of more than twice its limit: a program can make it any size at once, with holes."""
        size = os.fstat(self.log).st_size
        if size > 2 * cap:
            os.ftruncate(self.log, cap)
            self.log_peak = cap
            self.note("the log of %d bytes was cut to its limit of %d bytes" % (size, cap))

    def look_at_disk(self, now: float) -> None:
        """End the run when the disk runs full; also the slow round: counters, secrets of a late launch."""
        self.oom_kills_before, self.oom_kills = self.oom_kills, count_oom_kills(self.is_alone)
        try:
            remove_secrets(self.folder)
            disk = os.statvfs(self.folder)
        except OSError:
            return
        free, floor = disk.f_bavail * disk.f_frsize, self.spec["free_space_floor_bytes"]
        if free < floor and self.kill_at is None:
            text = "only %d bytes of disk are free, less than %d" % (free, floor)
            self.end("disk_full", text, min(self.spec["grace_seconds"], OVERFLOW_GRACE_SECONDS))

    def end(self, reason: str, text: str, grace: float) -> None:
        """Ask the program's group to end; KILL follows after the grace."""
        self.ended_by = reason
        self.step(text)
        self.kill_at = time.monotonic() + grace
        signal_group(self.pid, signal.SIGTERM)
        self.step("TERM")

    def kill(self) -> None:
        """End the program and all that it started, also in sessions of their own."""
        self.killed = True
        for pid in descendants(os.getpid()):
            signal_process(pid, signal.SIGKILL)
        signal_group(self.pid, signal.SIGKILL)
        self.step("KILL")

    def record_no_start(self) -> None:
        """Record a run that was canceled between the intent to start it and its start."""
        self.ended_by = "cancel"
        self.step("canceled before the program was started")
        self.record(None, None, 0.0)

    def record(self, code: "int | None", killed_by: "int | None", duration: float) -> None:
        """Write the exit record. Out of memory: signal 9, not ours, and the kernel counted such an end just now.

        In a container of its own, any bad end after such an end counts: it may have been a child's.
        """
        before = self.oom_kills_at_start if self.is_alone else self.oom_kills_before
        oom_kills = count_oom_kills(self.is_alone) - before
        if oom_kills > 0:
            self.note("the kernel ended %d processes of this memory group: out of memory" % oom_kills)
        self.cut_log(self.spec["log_cap_bytes"])
        if self.is_alone:
            out_of_memory = oom_kills > 0 and code not in (0, None) and self.kill_at is None
        else:
            out_of_memory = oom_kills > 0 and code == 128 + signal.SIGKILL and not self.killed
        log_bytes, log_crc32 = measure_log(self.log)
        record = {"code": code, "signal": killed_by, "ended_by": self.ended_by, "out_of_memory": out_of_memory}
        facts = {"duration_seconds": round(duration, 6), "log_bytes": log_bytes, "log_crc32": log_crc32}
        write_exit(self.exit, dict(record, steps=self.steps, **facts))
