"""A PostgreSQL server of our own, in a temporary folder and on a free port. Others on the machine are left alone."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stack.processes import free_port, running

USER = "amlweb"
FAST_SHUTDOWN = signal.SIGINT  # does not wait for clients
WITHOUT_DURABILITY = (
    "autovacuum=off",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
)


def postgres_folder() -> Path | None:
    """Return the folder of initdb and postgres, the newest version's, or None when the machine has none."""

    def version_of(folder: Path) -> float:
        return float(folder.parent.name) if folder.parent.name.replace(".", "", 1).isdigit() else 0.0

    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version_of, reverse=True)
    in_path = shutil.which("initdb")
    folders = [*debian, *([Path(in_path).parent] if in_path else [])]
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def server_user() -> str | None:
    """Return the user that the server runs as: another one than root, which it refuses; None for ourselves."""
    return "postgres" if os.geteuid() == 0 else None


@contextmanager
def postgres() -> Iterator[str]:
    """Run the server and yield the address of an empty database on it."""
    binaries = postgres_folder()
    assert binaries is not None, "PostgreSQL is not installed"
    folder = Path(tempfile.mkdtemp(prefix="amlweb-postgres-"))
    try:
        password = secrets.token_hex(16)
        (folder / "password").write_text(password)
        user = server_user()
        if user:
            shutil.chown(folder, user, user)
            shutil.chown(folder / "password", user, user)
        initdb = [str(binaries / "initdb"), "-D", str(folder / "data"), "-U", USER, "-A", "scram-sha-256"]
        initdb += ["--pwfile", str(folder / "password"), "-E", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run(initdb, cwd="/", check=True, stdout=subprocess.DEVNULL, user=user, group=user)
        port = free_port()
        server = [str(binaries / "postgres"), "-D", str(folder / "data"), "-p", str(port), "-k", str(folder)]
        server += ["-h", "127.0.0.1", *(word for option in WITHOUT_DURABILITY for word in ("-c", option))]
        with running(server, folder / "server.log", port, FAST_SHUTDOWN, user):
            yield f"postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
