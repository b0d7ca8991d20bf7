"""One connection per process and way to reach a host, shared by all threads and opened when it is first needed."""

import os
import threading
from typing import Protocol

from computes.contract import SshAccess
from computes.errors import TargetUnreachable
from computes.machines.ssh.backoff import Backoff
from computes.machines.ssh.channels import start_agent
from computes.machines.ssh.connection import Connection, connect
from computes.machines.ssh.crew import Crew


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

    def crew(self) -> Crew:
        """Return the agents of a connection that works. While one thread connects, the others wait for its result."""
        with self.lock:
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
            self.agents = Crew(lambda: start_agent(connection.transport)[0])
            return self.agents

    def drop(self, crew: Crew) -> None:
        """Give up the connection, unless somebody else has renewed it already."""
        with self.lock:
            if self.agents is crew:
                self.close()

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
        """Return the connection to a host, which need not be open yet."""
        with self.lock:
            if access not in self.links:
                self.links[access] = SharedConnection(access)
            return self.links[access]

    def close_all(self) -> None:
        """End all connections; the next one who needs one opens it anew."""
        with self.lock:
            links = list(self.links.values())
            self.links.clear()
        for link in links:
            with link.lock:
                link.close()

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
