"""Addresses of hosts as people write them: `host`, `host:port`, `[ipv6]:port`, `user@host:port`."""

import re
from dataclasses import dataclass

HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?\Z")
IPV6 = re.compile(r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*\Z")
USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,98}\$?\Z")
BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::([0-9]{1,5}))?\Z")
SSH_PORT = 22
LONGEST_HOST = 253


@dataclass(frozen=True, slots=True)
class SshAddress:
    """A host with its port; `username` is empty where none was written."""

    host: str
    port: int = SSH_PORT
    username: str = ""

    def __str__(self) -> str:
        """Return what `address_in` reads back."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        place = host if self.port == SSH_PORT and ":" not in self.host else f"{host}:{self.port}"
        return f"{self.username}@{place}" if self.username else place


def address_in(text: str) -> SshAddress:
    """Return the address in a text. Raises ValueError, whose message says what is wrong in words."""
    username, at, place = text.strip().rpartition("@")
    if at and not is_username(username):
        raise ValueError("The name before the @ is not the name of an account.")
    if IPV6.match(place):
        host, port = place, ""
    elif found := BRACKETED.match(place):
        host, port = found[1], found[2] or ""
    else:
        host, colon, port = place.partition(":")
        if colon and not port:
            raise ValueError("The port after the colon is missing.")
        if not HOST.match(host) or len(host) > LONGEST_HOST:
            raise ValueError("This is not the name or the IP address of a host.")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise ValueError("The port is a number from 1 to 65535.")
    return SshAddress(host, int(port or SSH_PORT), username)


def is_username(text: str) -> bool:
    """Return whether a text can be the name of an account."""
    return bool(USER.match(text))
