"""A way to a server that resets its connections at random moments, always the same ones for the same seed."""

import random
import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

RESET_WHEN_CLOSED = struct.pack("ii", 1, 0)
PIECE_BYTES = 16_384


class ResettingProxy:
    """Passes bytes on to a port of loopback. While `is_wild`, each connection lives for a random number of bytes.

    One in five is reset during the handshake, the others after up to `most_bytes`.
    """

    def __init__(self, port: int, seed: int, most_bytes: int) -> None:
        self.target = port
        self.most_bytes = most_bytes
        self.chance = random.Random(seed)
        self.is_wild = False
        self.resets = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port: int = self.listener.getsockname()[1]

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.pass_on, args=(client,), daemon=True).start()

    def budget(self) -> int:
        """Return after how many bytes a new connection is reset."""
        return self.chance.randrange(4_000) if self.chance.random() < 0.2 else self.chance.randrange(self.most_bytes)

    def pass_on(self, client: socket.socket) -> None:
        """Pass bytes both ways until one end closes or the connection's bytes are used up; not at all when the server
        is gone."""
        left = self.budget()
        with client:
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            with server:
                self.pass_between(client, server, left)

    def pass_between(self, client: socket.socket, server: socket.socket, left: int) -> None:
        """Pass bytes between two ends."""
        ways = {client: server, server: client}
        with selectors.DefaultSelector() as selector:
            for end in ways:
                selector.register(end, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    end = key.fileobj
                    assert isinstance(end, socket.socket)
                    try:
                        data = end.recv(min(PIECE_BYTES, left) if self.is_wild else PIECE_BYTES)
                        if not data:
                            return
                        ways[end].sendall(data)
                    except OSError:
                        return
                    left -= len(data)
                    if self.is_wild and left <= 0:
                        self.reset(client, server)
                        return
                    left = max(left, 1)

    def reset(self, *ends: socket.socket) -> None:
        """Have both ends closed without a goodbye."""
        self.resets += 1
        for end in ends:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_WHEN_CLOSED)


@contextmanager
def resetting_proxy(port: int, *, seed: int, most_bytes: int) -> Iterator[ResettingProxy]:
    """Run a proxy in front of a port of loopback. It is calm at first."""
    proxy = ResettingProxy(port, seed, most_bytes)
    thread = threading.Thread(target=proxy.serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.is_wild = False
        proxy.listener.shutdown(socket.SHUT_RDWR)
        proxy.listener.close()
        thread.join(20)
