"""A Redis server of our own, on a free port and with nothing kept."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stack.processes import free_port, running


def redis_path() -> str | None:
    """Return the path of a Redis server, or None when the machine has none."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


@contextmanager
def redis() -> Iterator[str]:
    """Run the server and yield its address."""
    program = redis_path()
    assert program is not None, "Redis is not installed"
    folder = Path(tempfile.mkdtemp(prefix="amlweb-redis-"))
    port, password = free_port(), secrets.token_hex(16)
    (folder / "redis.conf").write_text(
        f'port {port}\nbind 127.0.0.1\nrequirepass {password}\nsave ""\nappendonly no\ndir {folder}\ndaemonize no\n'
    )
    try:
        with running([program, str(folder / "redis.conf")], folder / "server.log", port):
            yield f"redis://:{password}@127.0.0.1:{port}/0"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
