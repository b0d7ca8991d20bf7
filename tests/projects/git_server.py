"""A git host on loopback: git's own http-backend behind a small web server, with a private corner and a redirect."""

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

WHO = ["-c", "user.name=Alice", "-c", "user.email=alice@lab.example", "-c", "init.defaultBranch=main"]
USER_AND_TOKEN = "robot:s3cret/+tokén"


def git(folder: Path, *arguments: str, data: bytes | None = None) -> str:
    """Run git as its user would and return what it prints."""
    command = ["git", *WHO, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, input=data).stdout.decode().strip()


@dataclass
class GitHost:
    """Where repositories lie, their address, and the requests that came."""

    root: Path
    url: str = ""
    requests: list[str] = field(default_factory=list)

    def publish(self, work: Path, name: str) -> str:
        """Put a bare copy of a work tree's repository on the host and return its address."""
        git(self.root, "clone", "-q", "--bare", str(work), name)
        return f"{self.url}/{name}"


@contextmanager
def git_host(root: Path) -> Iterator[GitHost]:
    """Serve the repositories below a folder; `/private/` wants a user, `/moved/` leads on, `/dumb/`
    is a plain web server, `/endless/` never ends."""
    root.mkdir(parents=True)
    host = GitHost(root)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.requests.append(self.path)
            expected = "Basic " + base64.b64encode(USER_AND_TOKEN.encode()).decode()
            if self.path.startswith("/moved/"):
                self.send_response(302)
                self.send_header("Location", self.path.removeprefix("/moved"))
                self.end_headers()
            elif self.path.startswith("/private/") and self.headers.get("Authorization") != expected:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="x"')
                self.end_headers()
            elif self.path.startswith("/dumb/"):
                self._file(host.root / self.path.partition("?")[0].removeprefix("/dumb/"))
            elif self.path.startswith("/endless/"):
                self._endless()
            else:
                self._backend()

        do_POST = do_GET

        def _endless(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"0" * 100_000)
            except OSError:
                return

        def _file(self, path: Path) -> None:
            """Answer as a web server that knows nothing of git."""
            self.send_response(200 if path.is_file() else 404)
            self.end_headers()
            self.wfile.write(path.read_bytes() if path.is_file() else b"")

        def _backend(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            environment = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(host.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": "safe.directory",
                "GIT_CONFIG_VALUE_0": "*",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            }
            done = subprocess.run(
                ["git", "http-backend"], env=environment, input=body, capture_output=True, check=False
            )
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    host.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
