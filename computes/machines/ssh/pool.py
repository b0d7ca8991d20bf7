"""One connection per process and way to reach a host, shared by all threads and opened when it is first needed."""

import os
import threading
import time
from typing import Protocol

from computes.contract import SshAccess
from computes.errors import TargetUnreachable
from computes.machines.ssh.backoff import Backoff
from computes.machines.ssh.channels import start_agent
from computes.machines.ssh.connection import Connection, connect
from computes.machines.ssh.crew import Crew

IDLE_SECONDS = 600.0


class Route(Protocol):
    """A way to agents on a host."""

    def crew(self) -> Crew:
        """Return the agents of a connection that works. Raises TargetUnreachable."""

    def drop(self, crew: Crew) -> None:
        """Give up the connection of these agents: the next one who asks gets a new one."""


class SharedConnection:
    """The connection of one process to one host. What is lost is opened again, with pauses after failures."""

    def __init__(self, access: SshAccess) -> None:
        self.access = access
        self.lock = threading.Lock()
        self.connection: Connection | None = None
        self.agents: Crew | None = None
        self.backoff = Backoff()
        self.used_at = time.monotonic()

    def crew(self) -> Crew:
        """Return the agents of a connection that works. While one thread connects, the others wait for its result."""
        with self.lock:
            self.used_at = time.monotonic()
            if self.connection is not None and self.agents is not None and self.connection.is_alive():
                return self.agents
            self.close()
            self.backoff.require_peace()
            try:
                connection = self.connection = connect(self.access)
            except TargetUnreachable as failure:
                self.backoff.note_failure(failure)
                raise
            self.backoff.note_success()
            self.agents = Crew(lambda: start_agent(connection.transport, self.access.python_folder)[0])
            return self.agents

    def drop(self, crew: Crew) -> None:
        """Give up the connection, unless somebody else has renewed it already."""
        with self.lock:
            if self.agents is crew:
                self.close()

    def end(self) -> None:
        """End the connection, whoever is at work over it."""
        with self.lock:
            self.close()

    def is_idle(self) -> bool:
        """Whether nobody has needed the connection for long, nor is at work over it."""
        is_working = self.agents is not None and self.agents.at_work > 0
        return not is_working and time.monotonic() - self.used_at > IDLE_SECONDS

    def close(self) -> None:
        """End the connection."""
        connection, self.connection, self.agents = self.connection, None, None
        if connection is not None:
            connection.close()


class Pool:
    """The connections of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.links: dict[SshAccess, SharedConnection] = {}
        self.inherited: list[SharedConnection] = []

    def link_to(self, access: SshAccess) -> SharedConnection:
        """Return the connection to a host, which need not be open yet. Those that nobody needs any more are ended."""
        with self.lock:
            idle = [other for other, link in self.links.items() if other != access and link.is_idle()]
            ended = [self.links.pop(other) for other in idle]
            link = self.links.setdefault(access, SharedConnection(access))
        for other in ended:
            other.end()
        return link

    def close_all(self) -> None:
        """End all connections; the next one who needs one opens it anew."""
        with self.lock:
            links = list(self.links.values())
            self.links.clear()
        for link in links:
            link.end()

    def forget_in_child(self) -> None:
        """After a fork the connections belong to the parent: they are not used here, and not kept open by us either.

        They are remembered, because a channel that is forgotten says goodbye to the host.
        """
        self.lock = threading.Lock()
        self.inherited += self.links.values()
        self.links = {}
        for link in self.inherited:
            if link.connection is not None and link.connection.first_socket is not None:
                link.connection.first_socket.close()


POOL = Pool()
os.register_at_fork(after_in_child=POOL.forget_in_child)


class PooledRoute:
    """A way to the agents on a host by the connection that this process shares."""

    def __init__(self, access: SshAccess) -> None:
        self.access = access

    def crew(self) -> Crew:
        """Return the agents of a connection that works. Raises TargetUnreachable."""
        return POOL.link_to(self.access).crew()

    def drop(self, crew: Crew) -> None:
        """Give up the connection of these agents."""
        POOL.link_to(self.access).drop(crew)
