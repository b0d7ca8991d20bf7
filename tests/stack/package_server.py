"""A server on loopback for a conda channel (`/conda`) and an index for pip (`/simple`), with a login where wanted."""

import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit


@dataclass
class PackageServer:
    """Where the server is, what it asks for, and the paths that it was asked for."""

    folder: Path
    login: str = ""
    port: int = 0
    paths: list[str] = field(default_factory=list)
    refused: int = 0
    scheme: str = "http"

    def address(self, path: str, *, with_login: bool = False) -> str:
        """Return an address of the server."""
        user, _, password = self.login.partition(":")
        before = f"{quote(user, safe='')}:{quote(password, safe='')}@" if with_login else ""
        return f"{self.scheme}://{before}127.0.0.1:{self.port}/{path}"


class Handler(SimpleHTTPRequestHandler):
    """Serves files below the folder, and pages with the links of pip's index."""

    def __init__(self, *arguments: object, state: PackageServer) -> None:
        self.state = state
        super().__init__(*arguments, directory=str(state.folder))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer, also where this server is asked as a proxy."""
        self.state.paths.append(self.path)
        expected = f"Basic {base64.b64encode(self.state.login.encode()).decode()}"
        if self.state.login and self.headers.get("Authorization") != expected:
            self.state.refused += 1
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic realm=packages")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.path = urlsplit(self.path).path
        if self.path.startswith("/simple/"):
            self.send_index(unquote(self.path.strip("/").rpartition("/")[2]))
        else:
            super().do_GET()

    def send_index(self, name: str) -> None:
        """Send the wheels of a name."""
        wheels = [path.name for path in sorted((self.state.folder / "pip").glob(f"{name}-*.whl"))]
        page = "".join(f'<a href="/pip/{wheel}">{wheel}</a>\n' for wheel in wheels).encode()
        self.send_response(200 if wheels else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def handle(self) -> None:
        """Answer; a client that does not trust our certificate goes away in the middle."""
        try:
            super().handle()
        except (ssl.SSLError, ConnectionError):
            self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Print nothing."""


@contextmanager
def package_server(folder: Path, login: str = "", tls: ssl.SSLContext | None = None) -> Iterator[PackageServer]:
    """Serve the folder of a conda channel until the block ends."""
    state = PackageServer(folder, login, scheme="https" if tls else "http")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, state=state)) as server:
        state.port = server.server_address[1]
        if tls is not None:  # a handshake that fails is the trouble of its own thread
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
