"""The first words with a host: it proves who it is; only then we say who we are."""

import contextlib
import logging
import socket

import paramiko

from computes.contract import SshAccess
from computes.errors import LoginRefused, TargetUnreachable
from computes.machines.ssh.host_keys import ALGORITHMS, algorithms_of, changed, line_of, require_approved
from computes.machines.ssh.private_keys import signing_key

HANDSHAKE_SECONDS = 15.0
LOGIN_SECONDS = 20.0
# AES-GCM first: paramiko needs half the time of CTR with a MAC for it (measured). Nothing that is considered broken.
CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512")
WIRE_LOG = "computes.machines.ssh.wire"
BROKEN = (paramiko.SSHException, EOFError, OSError)

logging.getLogger(WIRE_LOG).setLevel(logging.CRITICAL)  # what goes wrong is said by our errors, not by tracebacks


def introduce(
    stream: socket.socket | paramiko.Channel, access: SshAccess, algorithms: tuple[str, ...]
) -> paramiko.Transport:
    """Exchange keys with whoever is at the other end; nothing about us is said. Closes the stream when it fails.

    IncompatiblePeer is passed on: the host has no key of these algorithms, or no common cipher.
    """
    transport = None
    try:
        transport = paramiko.Transport(stream)
        transport.set_log_channel(WIRE_LOG)
        transport.banner_timeout = transport.handshake_timeout = HANDSHAKE_SECONDS
        transport.auth_timeout = transport.channel_timeout = LOGIN_SECONDS
        options = transport.get_security_options()
        options.key_types, options.ciphers, options.digests = algorithms, CIPHERS, MACS
        transport.start_client(timeout=HANDSHAKE_SECONDS)
        transport.get_remote_server_key()
        return transport
    except BROKEN as error:
        if transport is not None:
            transport.close()
        stream.close()
        if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
            raise
        raise no_handshake(access, error) from error


def no_handshake(access: SshAccess, error: Exception) -> TargetUnreachable:
    """Return the error for a host that does not speak SSH with us."""
    return TargetUnreachable(
        f"{access.host}, port {access.port}: somebody listens there, but the SSH handshake failed "
        f"({str(error).strip() or 'the connection broke off'}).",
        f"Check that sshd listens on this port and is not overloaded: ssh -v -p {access.port} {access.host}",
    )


def shown_key(stream: socket.socket | paramiko.Channel, access: SshAccess, algorithms: tuple[str, ...]) -> str:
    """Return the key `type base64` that a host shows of these algorithms, empty when it has none."""
    try:
        transport = introduce(stream, access, algorithms)
    except paramiko.ssh_exception.IncompatiblePeer:
        return ""
    with contextlib.closing(transport):
        return line_of(transport.get_remote_server_key())


def recognize(stream: socket.socket | paramiko.Channel, access: SshAccess) -> paramiko.Transport:
    """Return a connection to a host that has proved to be the approved one.

    Raises HostKeyUnknown, HostKeyChanged, TargetUnreachable; nothing about us was said then.
    """
    try:
        transport = introduce(stream, access, algorithms_of(access))
    except paramiko.ssh_exception.IncompatiblePeer as error:
        if "host key" in str(error) or "key type" in str(error):
            raise changed(access, "") from error
        raise no_handshake(access, error) from error
    except TargetUnreachable:
        stream.close()
        raise
    try:
        require_approved(access, line_of(transport.get_remote_server_key()))
    except TargetUnreachable:
        transport.close()
        raise
    return transport


def log_in(transport: paramiko.Transport, access: SshAccess) -> None:
    """Log in with the key, and with the password where the key is not enough or not there. Raises LoginRefused,
    KeyUnreadable, TargetUnreachable. Nothing but what `access` holds is tried."""
    if not (access.private_key or access.password):
        raise LoginRefused(
            f"There is no key and no password to log in to {access.host} with.",
            "Let an administrator give the target a credential: a key pair, a private key or a password.",
        )
    wanted: list[str] = []
    try:
        if access.private_key:
            wanted = transport.auth_publickey(access.username, signing_key(access.private_key))
        if access.password and (wanted or not access.private_key):
            wanted = transport.auth_password(access.username, access.password)
    except paramiko.BadAuthenticationType as error:
        raise refused(access, f"it allows only {', '.join(error.allowed_types)}") from None
    except paramiko.AuthenticationException as error:
        late = "timeout" in str(error).lower()
        raise refused(access, "it did not decide in time" if late else "") from None
    except BROKEN as error:
        raise TargetUnreachable(
            f"{access.host} broke off during the login ({type(error).__name__}).",
            "It is tried again. If it goes on, read sshd's log there: sudo journalctl -u ssh",
        ) from None
    if wanted:
        raise refused(access, f"it wants {' and '.join(wanted)} besides")


def refused(access: SshAccess, why: str) -> LoginRefused:
    """Return the error for a login that was refused; it names the credential, never shows it."""
    credential = "key" if access.private_key else "password"
    home = f"~{access.username}" if access.username.isalnum() else "the account's home"
    remedy = (
        f"Put the target's public key into {home}/.ssh/authorized_keys on the host, and check that the account exists "
        "and may log in (sudo journalctl -u ssh says why not)."
        if access.private_key
        else "Check user name and password, and that the host allows PasswordAuthentication; a key is better."
    )
    reason = f": {why}" if why else ""
    return LoginRefused(
        f"{access.host} refused the login of {access.username!r} with the {credential}{reason}.", remedy
    )


def every_algorithm() -> list[tuple[str, ...]]:
    """Return all algorithms, in groups of which a host shows one key."""
    return list(ALGORITHMS.values())
