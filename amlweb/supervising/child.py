"""One of the server's processes, in a process group of its own, with the pause before it is started again."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from amlweb.supervising.guardian import is_alive, send

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_AFTER_SECONDS = 60.0


@dataclass(frozen=True)
class ChildCommand:
    """What a process is called, how it is started, and as which part of `/readyz` it shows that it works, if any."""

    name: str
    argv: tuple[str, ...]
    part: str = ""


class Child:
    """A process that should be running. Times are seconds of the monotonic clock."""

    def __init__(self, command: ChildCommand, announce: Callable[[str], None]) -> None:
        self.command = command
        self.announce = announce
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_again_at = 0.0
        self.pause = FIRST_PAUSE_SECONDS

    @property
    def group(self) -> int:
        """Return the process group, which is the leader's process id; 0 before the first start."""
        return self.process.pid if self.process else 0

    @property
    def was_started(self) -> bool:
        """Return whether the process was ever started."""
        return self.started_at > 0

    def start(self, introduce: Callable[[], None]) -> None:
        """Start the process; it gets no signal from our terminal. `introduce` is called in it, in its group, before it
        becomes the command: we have one thread alone, so that is safe."""
        self.process = subprocess.Popen(
            self.command.argv,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=introduce,
        )
        self.started_at = time.monotonic()

    def age(self) -> float:
        """Return the seconds since the last start."""
        return time.monotonic() - self.started_at

    def has_ended(self) -> bool:
        """Return whether the process has ended; what it left behind in its group is then killed."""
        if self.process is None or self.process.poll() is None:
            return False
        self.kill()
        return True

    def plan_restart(self) -> None:
        """Say why the process ended, and set the moment of the next start: later each time, until it held out."""
        assert self.process is not None
        if self.age() >= HEALTHY_AFTER_SECONDS:
            self.pause = FIRST_PAUSE_SECONDS
        self.announce(f"{self.command.name} {ending_of(self.process.returncode)}; it starts again in {self.pause:g} s")
        self.start_again_at = time.monotonic() + self.pause
        self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)
        self.process = None

    def ask_to_end(self) -> None:
        """Send TERM to the leader, which ends its own helpers in order."""
        if self.process is not None and self.process.poll() is None:
            send(self.group, signal.SIGTERM, to_leader_only=True)

    def kill(self) -> None:
        """Kill the whole group and take the leader's exit code."""
        if self.process is None:
            return
        if is_alive(self.group):
            send(self.group, signal.SIGKILL)
        self.process.wait()


def ending_of(code: int) -> str:
    """Say in words how a process ended."""
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by {signal.Signals(-code).name}" if -code in set(signal.Signals) else f"ended by signal {-code}"
