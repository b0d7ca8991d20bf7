"""The agents of one connection: one for quick questions that all threads share, some for work that takes its time.

An upload or a slow command never delays a look. sshd allows 10 channels on a connection (MaxSessions); we use 6.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator

from computes.errors import TargetUnreachable
from computes.machines.ssh.agent import Agent, Header

MOST_WORKERS = 5
WAIT_SECONDS = 60.0


class Crew:
    """Agents that `hire` starts when they are needed, and that stay."""

    def __init__(self, hire: Callable[[], Agent]) -> None:
        self.hire = hire
        self.quick: Agent | None = None
        self.quick_lock = threading.Lock()
        self.idle: list[Agent] = []
        self.idle_lock = threading.Lock()
        self.places = threading.BoundedSemaphore(MOST_WORKERS)
        self.facts: Header = {}
        self.at_work = 0

    def ask(self, request: Header, data: bytes, seconds: float) -> tuple[Header, bytes]:
        """Ask the agent that all share. Raises OSError, ContactLost."""
        with self.turn() as agent:
            return agent.ask(request, data, seconds=seconds)

    @contextlib.contextmanager
    def turn(self) -> Iterator[Agent]:
        """Wait for our turn with the agent that all share. Raises TargetUnreachable when it does not come."""
        if not self.quick_lock.acquire(timeout=WAIT_SECONDS):
            raise TargetUnreachable(
                f"Others had questions to the host for {WAIT_SECONDS:g} s.", "It is tried again by itself."
            )
        try:
            if self.quick is None or self.quick.has_ended():
                self.quick = self.hire()
            yield self.quick
        finally:
            self.quick_lock.release()

    @contextlib.contextmanager
    def worker(self) -> Iterator[Agent]:
        """Have an agent for ourselves. Raises TargetUnreachable when all are at work for too long."""
        if not self.places.acquire(timeout=WAIT_SECONDS):
            raise TargetUnreachable(
                f"All {MOST_WORKERS} channels to the host were at work for {WAIT_SECONDS:g} s.",
                "It is tried again by itself.",
            )
        agent = None
        try:
            with self.idle_lock:
                self.at_work += 1
            agent = self.taken() or self.hire()
            yield agent
        finally:
            with self.idle_lock:
                self.at_work -= 1
                if agent is not None and not agent.has_ended():
                    self.idle.append(agent)
            self.places.release()

    def taken(self) -> Agent | None:
        """Return an agent that has nothing to do; those that have ended meanwhile are closed."""
        with self.idle_lock:
            while self.idle:
                agent = self.idle.pop()
                if not agent.has_ended():
                    return agent
                agent.close()
        return None

    def hello(self, seconds: float) -> Header:
        """Return what the host says of itself, asked once."""
        if not self.facts:
            self.facts, _ = self.ask({"deed": "hello"}, b"", seconds)
        return self.facts
