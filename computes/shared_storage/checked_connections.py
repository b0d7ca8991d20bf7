"""Connections that ask of each address, when they are made, whether it is a forbidden one: names can change after a
form has looked at them, and data nodes are named by others."""

import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError

from computes.errors import TargetUnreachable
from computes.forbidden_addresses import is_forbidden_address


def refuse(address: str) -> None:
    """Raise TargetUnreachable for a forbidden address."""
    if is_forbidden_address(address):
        raise TargetUnreachable(
            f"A service of the target is at {address}, where clouds answer with credentials; no request goes there.",
            "Correct the address of the target, or what its name stands for. WebHDFS names its data nodes itself.",
        )


class Checked(HTTPConnection):
    """A connection that begins only where every address of its name is allowed, and goes on only with one of them."""

    def _new_conn(self) -> socket.socket:
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            raise NameResolutionError(self.host, self, error) from error  # type: ignore[arg-type]
        for *_, place in found:
            refuse(str(place[0]))
        made = super()._new_conn()
        try:
            refuse(str(made.getpeername()[0]))  # the name was asked for once more
        except BaseException:
            made.close()
            raise
        return made


class CheckedWithTls(Checked, HTTPSConnection):
    """The same, encrypted."""


class CheckedPool(HTTPConnectionPool):
    """Connections to one place."""

    ConnectionCls = Checked


class CheckedTlsPool(HTTPSConnectionPool):
    """Encrypted connections to one place."""

    ConnectionCls = CheckedWithTls


class CheckedAdapter(HTTPAdapter):
    """What makes connections for a session."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pools of connections."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": CheckedPool, "https": CheckedTlsPool}


def checked_session() -> requests.Session:
    """Return a session that uses no proxy and no login of the account."""
    session = requests.Session()
    session.trust_env = False
    for scheme in ("http://", "https://"):
        session.mount(scheme, CheckedAdapter())
    return session
