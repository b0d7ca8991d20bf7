"""Web services of a contract: what the public description says they answer, and odd answers that a test asks for."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """One answer. `delay` comes before it; `drip` sends it a byte at a time; `lost`: it is never sent."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    lost: bool = False

    @classmethod
    def of(cls, value: object, status: int = 200) -> "Reply":
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json;charset=utf-8"})


Answering = Callable[[Asked], Reply]
Beginning = Callable[[Asked], None]
Odd = Callable[[Asked], Reply | None]


@dataclass
class Service:
    """A running service: its port, what it was asked, and the odd answer that comes before its own."""

    port: int = 0
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)
    odd: Odd | None = None
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"{self.scheme}://localhost:{self.port}"

    def paths(self, method: str) -> list[str]:
        return [asked.path for asked in self.asked if asked.method == method]


class Handler(BaseHTTPRequestHandler):
    """Hands requests to the service."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: object, service: Service, answering: Answering, beginning: Beginning | None) -> None:
        self.service = service
        self.answering = answering
        self.beginning = beginning
        super().__init__(*arguments)  # type: ignore[arg-type]

    def answer(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        asked = Asked(self.command, unquote(parts.path), query, dict(self.headers), b"")
        if self.beginning is not None:
            self.beginning(asked)
        body = self.read_chunks() if self.headers.get("Transfer-Encoding") == "chunked" else self.rfile.read(length)
        asked = replace(asked, body=body)
        self.service.asked.append(asked)
        reply = (self.service.odd(asked) if self.service.odd else None) or self.answering(asked)
        if reply.delay:
            self.service.closing.wait(reply.delay)
        if reply.lost:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            if reply.drip:
                for byte in reply.body:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    if self.service.closing.wait(reply.drip):
                        return
            else:
                self.wfile.write(reply.body)
        except OSError:
            self.close_connection = True

    def read_chunks(self) -> bytes:
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, format: str, *arguments: object) -> None:
        """Print nothing."""


@contextmanager
def serving(
    answering: Answering, tls: ssl.SSLContext | None = None, beginning: Beginning | None = None
) -> Iterator[Service]:
    """Serve on loopback until the block ends. `beginning` hears of a request before its body is read."""
    service = Service(scheme="https" if tls else "http")
    handler = partial(Handler, service=service, answering=answering, beginning=beginning)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:  # type: ignore[arg-type]
        server.daemon_threads = True
        server.block_on_close = False
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        service.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield service
        finally:
            service.closing.set()
            server.shutdown()
            thread.join()


def times(count: int, path_ends: str, reply: Reply, method: str = "") -> Odd:
    """Return an odd answer for the first requests to a path."""
    left = [count]

    def odd(asked: Asked) -> Reply | None:
        if left[0] > 0 and asked.path.endswith(path_ends) and method in ("", asked.method):
            left[0] -= 1
            return reply
        return None

    return odd


def always(path_part: str, reply: Reply) -> Odd:
    """Return an odd answer for every request to a path."""
    return lambda asked: reply if path_part in asked.path else None


def pause(seconds: float) -> None:
    """Wait as a real service would take its time."""
    time.sleep(seconds)
