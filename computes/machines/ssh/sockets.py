"""The way to a host: its name, a TCP connection, or a channel through the host before it."""

import socket

import paramiko

from computes.contract import SshAccess
from computes.errors import TargetUnreachable

CONNECT_SECONDS = 10.0
SILENCE_MILLISECONDS = 20_000
Address = tuple[socket.AddressFamily, tuple[str | int, ...] | tuple[int, bytes]]

CHANNEL_REFUSALS = {
    1: "it does not allow it (AllowTcpForwarding)",
    2: "the connection was refused or the name is not known there",
    3: "it does not know such channels",
    4: "it has too many channels open",
}


def addresses_of(access: SshAccess) -> list[Address]:
    """Return a host's addresses. Raises TargetUnreachable for a name that is not found."""
    try:
        found = socket.getaddrinfo(access.host, access.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        said = error.strerror if isinstance(error, socket.gaierror) else "it is no name of a host"
        raise TargetUnreachable(
            f"The name {access.host!r} was not found: {said}.",
            "Check the target's address. On the server, this must answer: "
            f"getent hosts {access.host if access.host.isprintable() else 'NAME'}",
        ) from error
    return [(family, address) for family, _, _, _, address in found]


def open_socket(access: SshAccess, addresses: list[Address], seconds: float = CONNECT_SECONDS) -> socket.socket:
    """Connect to the first address that answers. Small writes leave at once, and a dead link is noticed."""
    problem: OSError | None = None
    for family, address in addresses:
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(seconds)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_MILLISECONDS)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.connect(address)
            return connection
        except OSError as error:
            connection.close()
            problem = problem or error
    raise not_connected(access, problem, seconds)


def not_connected(access: SshAccess, problem: OSError | None, seconds: float) -> TargetUnreachable:
    """Return the error for a host that does not take a connection."""
    where = f"{access.host}, port {access.port}"
    test = f"From the server, this must connect: nc -vz {access.host} {access.port}"
    if isinstance(problem, ConnectionRefusedError):
        return TargetUnreachable(
            f"{where}: the connection was refused; nobody listens there.",
            f"Start sshd on the host (sudo systemctl start ssh), or correct the target's port. {test}",
        )
    if isinstance(problem, TimeoutError):
        return TargetUnreachable(
            f"{where}: no answer within {seconds:g} s.",
            f"Check that the host is on and that no firewall drops the connection. {test}",
        )
    return TargetUnreachable(f"{where}: {problem.strerror if problem else 'no address'}.", f"Check the network. {test}")


def open_through(
    transport: paramiko.Transport, access: SshAccess, seconds: float = CONNECT_SECONDS
) -> paramiko.Channel:
    """Connect to a host from the host before it."""
    before = transport.getpeername()[0]
    try:
        return transport.open_channel(
            "direct-tcpip", dest_addr=(access.host, access.port), src_addr=("127.0.0.1", 0), timeout=seconds
        )
    except paramiko.ChannelException as error:
        why = CHANNEL_REFUSALS.get(error.code, "it refused")
    except (paramiko.SSHException, EOFError, OSError) as error:
        why = f"{error or 'the connection broke off'}"
    raise TargetUnreachable(
        f"The jump host at {before} did not connect to {access.host}, port {access.port}: {why}.",
        f"On the jump host, this must connect: nc -vz {access.host} {access.port}",
    )
