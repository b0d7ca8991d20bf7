"""A host that shows keys of its own and writes down all that it is told."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import paramiko

from computes.contract import SshAccess
from computes.machines.ssh.host_keys import line_of
from computes.machines.ssh.private_keys import new_key_pair, signing_key


class Impostor(paramiko.ServerInterface):
    """Lets nobody in, and remembers who tried."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.key = signing_key(new_key_pair("impostor")[0])
        self.told: list[str] = []
        self.connections = 0
        self.transports: list[paramiko.Transport] = []

    @property
    def line(self) -> str:
        return line_of(self.key)

    def access(self, **changes: object) -> SshAccess:
        port = self.listener.getsockname()[1]
        facts: dict[str, object] = {"username": "alice", "password": "hush-hush", "port": port}
        return SshAccess("127.0.0.1", **{**facts, **changes})  # type: ignore[arg-type]

    def get_allowed_auths(self, username: str) -> str:
        self.told.append(f"user {username}")
        return "password,publickey"

    def check_auth_none(self, username: str) -> int:
        self.told.append(f"none {username}")
        return paramiko.AUTH_FAILED

    def check_auth_password(self, username: str, password: str) -> int:
        self.told.append(f"password {username} {password}")
        return paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self.told.append(f"key {username}")
        return paramiko.AUTH_FAILED

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            transport = paramiko.Transport(connection)
            self.transports.append(transport)
            transport.add_server_key(self.key)
            with contextlib.suppress(paramiko.SSHException, EOFError):
                transport.start_server(server=self)


@contextlib.contextmanager
def impostor() -> Iterator[Impostor]:
    """Run an impostor until the block ends."""
    server = Impostor()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join(20)
        for transport in server.transports:
            transport.close()
            transport.join(20)
