"""An image registry on loopback with one small image in it, and a login if wanted. It speaks the part of the
distribution protocol that a pull needs."""

import base64
import gzip
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


@dataclass
class Content:
    """What the registry gives: manifests and blobs by digest; `login` is empty or "user:password". Of the layer, half
    goes out at once and the rest when `gate` is set."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    manifest: bytes = b""
    login: str = ""
    layer: str = ""
    gate: threading.Event = field(default_factory=threading.Event)

    def add(self, data: bytes, media_type: str) -> dict[str, Any]:
        """Keep a blob and return its descriptor."""
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.blobs[digest] = data
        return {"mediaType": media_type, "size": len(data), "digest": digest}


def one_file() -> bytes:
    """Return a layer of one file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo("hello")
        entry.size = 5
        tar.addfile(entry, io.BytesIO(b"hello"))
    return buffer.getvalue()


def image_of(layer: bytes, login: str) -> Content:
    """Return an image of one layer."""
    content = Content(login=login)
    packed = content.add(gzip.compress(layer, 1, mtime=0), LAYER)
    content.layer = packed["digest"]
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": ["FROM=registry", "PATH=/usr/local/bin:/usr/bin:/bin"]},
        "rootfs": rootfs,
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": content.add(json.dumps(config).encode(), CONFIG),
        "layers": [packed],
    }
    content.manifest = json.dumps(manifest).encode()
    return content


class Handler(BaseHTTPRequestHandler):
    """Answers a pull of small:1."""

    content: Content
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        """Give a manifest or a blob to those who may have it."""
        wanted = f"Basic {base64.b64encode(self.content.login.encode()).decode()}"
        if self.content.login and self.headers.get("Authorization") != wanted:
            self.answer(401, b"{}", "application/json", {"WWW-Authenticate": 'Basic realm="test"'})
            return
        digest = self.path.rpartition("/")[2]
        if self.path == "/v2/":
            self.answer(200, b"{}", "application/json", {})
        elif "/manifests/" in self.path and digest in ("1", "2", digest_of(self.content.manifest)):
            headers = {"Docker-Content-Digest": digest_of(self.content.manifest)}
            self.answer(200, self.content.manifest, MANIFEST, headers)
        elif digest in self.content.blobs:
            self.answer(
                200, self.content.blobs[digest], "application/octet-stream", {}, waits=digest == self.content.layer
            )
        else:
            error = {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}
            self.answer(404, json.dumps(error).encode(), "application/json", {})

    def answer(self, status: int, body: bytes, media_type: str, headers: dict[str, str], waits: bool = False) -> None:
        """Send one answer."""
        self.send_response(status)
        for name, value in {"Content-Type": media_type, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        try:
            self.wfile.write(body[: len(body) // 2])
            if waits:
                self.content.gate.wait()
            self.wfile.write(body[len(body) // 2 :])
        except ConnectionError:
            self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


def digest_of(data: bytes) -> str:
    """Return a digest as registries write it."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@contextmanager
def registry(login: str = "") -> Iterator[str]:
    """Give the address ("127.0.0.1:PORT") of a running registry with a small image."""
    content = image_of(one_file(), login)
    content.gate.set()
    with serving(content) as address:
        yield address


@contextmanager
def serving(content: Content) -> Iterator[str]:
    """Give the address of a registry with an image."""
    handler = type("RegistryHandler", (Handler,), {"content": content})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        content.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()
