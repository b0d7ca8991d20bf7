"""A connection to a host: over all jump hosts, each one recognized by its own approved keys, and logged in."""

import contextlib
import socket
from dataclasses import dataclass, field

import paramiko

from computes.contract import SshAccess
from computes.errors import HostKeyChanged, TargetUnreachable
from computes.machines.ssh.handshake import every_algorithm, log_in, recognize, shown_key
from computes.machines.ssh.host_keys import algorithms_of, changed
from computes.machines.ssh.sockets import addresses_of, open_socket, open_through


@dataclass(eq=False)
class Connection:
    """The transports on the way to a host; the last one is the host's."""

    transports: list[paramiko.Transport] = field(default_factory=list)
    first_socket: socket.socket | None = None

    @property
    def transport(self) -> paramiko.Transport:
        """The host's own."""
        return self.transports[-1]

    def is_alive(self) -> bool:
        """Whether no part of the way is known to be broken."""
        return bool(self.transports) and all(transport.is_active() for transport in self.transports)

    def close(self) -> None:
        """End the connection; it may be called twice."""
        for transport in reversed(self.transports):
            transport.close()
        if self.first_socket is not None:
            self.first_socket.close()

    def open_stream(self, access: SshAccess) -> socket.socket | paramiko.Channel:
        """Return a stream to the next host on the way. Raises TargetUnreachable."""
        if self.transports:
            return open_through(self.transport, access)
        self.first_socket = open_socket(access, addresses_of(access))
        return self.first_socket

    def recognize(self, access: SshAccess) -> None:
        """Go one host further without saying who we are. Raises TargetUnreachable, HostKeyUnknown, HostKeyChanged."""
        algorithms_of(access)
        try:
            transport = recognize(self.open_stream(access), access)
        except HostKeyChanged as error:
            if error.shown:
                raise
            raise changed(access, next(iter(self.shown_keys(access)), "")) from error
        self.transports.append(transport)

    def shown_keys(self, access: SshAccess) -> list[str]:
        """Return all keys that the next host shows, each as `type base64`."""
        found = []
        for algorithms in every_algorithm():
            with contextlib.closing(self.open_stream(access)) as stream:
                found.append(shown_key(stream, access, algorithms))
        return [line for line in found if line]

    def log_in(self, access: SshAccess) -> None:
        """Log in to the last host that was recognized. Raises LoginRefused, KeyUnreadable, TargetUnreachable."""
        log_in(self.transport, access)
        self.transport.set_keepalive(access.keep_alive_seconds)

    def advance(self, access: SshAccess) -> None:
        """Recognize the next host and log in there."""
        self.recognize(access)
        self.log_in(access)


def connect(access: SshAccess) -> Connection:
    """Return a connection that is logged in. Raises TargetUnreachable and its kinds; nothing stays open then."""
    connection = Connection()
    try:
        for hop in (*access.jumps, access):
            connection.advance(hop)
    except BaseException:
        connection.close()
        raise
    return connection


def scan_host_keys(access: SshAccess) -> list[str]:
    """Return every key that a host shows, each as `type base64`; nothing else is asked or said there.

    Jump hosts are passed by their own approved keys. Raises TargetUnreachable.
    """
    connection = Connection()
    try:
        for hop in access.jumps:
            connection.advance(hop)
        found = connection.shown_keys(access)
    finally:
        connection.close()
    if not found:
        raise TargetUnreachable(
            f"{access.host} shows no host key of a type that is used.",
            "Make an Ed25519 host key there: sudo ssh-keygen -A && sudo systemctl restart ssh",
        )
    return found
