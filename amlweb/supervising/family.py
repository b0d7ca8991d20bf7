"""The parent of the server's processes: keeps all of them running until it is asked to end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from amlweb.supervising import guardian
from amlweb.supervising.child import Child, ChildCommand
from amlweb.supervising.watchdog import Watchdog

LOOK_EVERY_SECONDS = 0.1
WATCHDOG_EVERY_SECONDS = 10.0
GRACE_SECONDS = 8.0
HEAD_START_SECONDS = 5.0  # the first process, which people wait for, has the machine to itself until it answers


def announce(text: str) -> None:
    """Tell the person at the terminal."""
    print(f"amlweb: {text}", flush=True)


class Family:
    """All processes under one parent.

    A process whose part the watchdog has not seen to work for longer than `longest_silence_seconds`, and not since its
    start, is killed with its whole group and started again.
    """

    def __init__(self, commands: Sequence[ChildCommand], watchdog: Watchdog, longest_silence_seconds: float) -> None:
        self.children = [Child(command, announce) for command in commands]
        self.watchdog = watchdog
        self.longest_silence_seconds = longest_silence_seconds
        self.next_watch_at = time.monotonic() + WATCHDOG_EVERY_SECONDS
        self.is_asked_to_end = False
        self.guardian: subprocess.Popen[bytes] | None = None

    def run_until_asked_to_end(self, is_ready: Callable[[], bool], when_ready: Callable[[], None]) -> None:
        """Start everybody and look after them until SIGINT, SIGTERM or SIGHUP; call `when_ready` once."""
        was_ready = False
        with self.ending_on_signals(), self.guarded():
            try:
                self.start_first()
                while not self.is_asked_to_end:
                    self.look()
                    if not was_ready and is_ready():
                        was_ready = True
                        self.let_everybody_start()
                        when_ready()
                    time.sleep(LOOK_EVERY_SECONDS)
            finally:
                self.end()

    def start_first(self) -> None:
        """Start the first process; the others follow when it answers, or after its head start."""
        self.start(self.children[0])
        for child in self.children[1:]:
            child.start_again_at = time.monotonic() + HEAD_START_SECONDS

    def let_everybody_start(self) -> None:
        """End the head start."""
        for child in self.children:
            if not child.was_started:
                child.start_again_at = 0.0

    def look(self) -> None:
        """Start again what has ended, and kill what only looks alive."""
        for child in self.children:
            if child.has_ended():
                self.tell_guardian_of_end(child)
                child.plan_restart()
            if child.process is None and time.monotonic() >= child.start_again_at:
                self.start(child)
        if time.monotonic() >= self.next_watch_at:
            self.next_watch_at = time.monotonic() + WATCHDOG_EVERY_SECONDS
            self.watch()

    def watch(self) -> None:
        """Kill the group of every process whose sign of life has been missing for too long."""
        self.watchdog.look()
        for child in self.children:
            if not child.command.part or child.process is None or child.age() < self.longest_silence_seconds:
                continue
            silence = self.watchdog.silence_of(child.command.part)
            if silence is not None and silence > self.longest_silence_seconds:
                announce(f"{child.command.name} has shown no sign of life for {silence:.0f} s; it is ended")
                child.kill()

    def start(self, child: Child) -> None:
        """Start a process, which tells the guardian of itself: we may be killed before we could."""
        child.start(self.introduce_this_process)

    def introduce_this_process(self) -> None:
        """Add the group that this process leads to the guardian's list; without a guardian nothing happens."""
        if self.guardian is None or self.guardian.stdin is None:
            return
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        try:
            self.guardian.stdin.write(f"+{os.getpid()}\n".encode())
        except BrokenPipeError:
            return  # who started us hears of it when a process ends
        finally:
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)

    def end(self) -> None:
        """End everybody: asked first, killed after the grace time. Runs live elsewhere and go on."""
        alive = [child for child in self.children if child.process is not None]
        for child in alive:
            child.ask_to_end()
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and not all(child.has_ended() for child in alive):
            time.sleep(0.02)
        for child in alive:
            child.kill()
            self.tell_guardian_of_end(child)

    def tell_guardian_of_end(self, child: Child) -> None:
        """Take a process group off the guardian's list."""
        if self.guardian is None or self.guardian.stdin is None or not child.group:
            return
        try:
            self.guardian.stdin.write(f"-{child.group}\n".encode())
        except BrokenPipeError:
            announce("the guardian has ended; a `kill -9` of this process would leave the others running")
            self.guardian = None

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Have a guardian that outlives us, should we die without a word."""
        argv = [sys.executable, "-I", "-S", str(Path(guardian.__file__))]
        with subprocess.Popen(argv, bufsize=0, stdin=subprocess.PIPE, start_new_session=True) as self.guardian:
            yield

    @contextmanager
    def ending_on_signals(self) -> Iterator[None]:
        """Let SIGINT, SIGTERM and a closed terminal end the loop instead of this process."""

        def note(number: int, frame: FrameType | None) -> None:
            if not self.is_asked_to_end:
                announce("ending the server; runs go on")
            self.is_asked_to_end = True

        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = [signal.signal(number, note) for number in signals]
        try:
            yield
        finally:
            for number, handler in zip(signals, before, strict=True):
                signal.signal(number, handler)
