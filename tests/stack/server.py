"""The whole server, as `manage.py up` starts it, with a data folder, a port and a database of its own."""

import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.stack.processes import free_port, wait_until
from tests.stack.tables import copy_database_with_tables, copy_file_with_tables, drop_database, new_database

ROOT = Path(__file__).resolve().parent.parent.parent
ADMIN_PASSWORD = "the administrator of the tests"


@cache
def static_files_of_this_run() -> Path:
    """Return the folder where the first server collects its static files; the others of this test run find them."""
    folder = Path(tempfile.mkdtemp(prefix="amlweb-static-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@contextmanager
def database_of_its_own(data_dir: Path, *, has_tables: bool) -> Iterator[str]:
    """Yield the address of a database on the server that `DATABASE_URL` names; empty text means SQLite.

    With tables it is as if the installation of the data folder had made them.
    """
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        if has_tables:
            copy_file_with_tables(data_dir)
        yield ""
        return
    address = copy_database_with_tables(server, data_dir) if has_tables else new_database(server)
    yield address
    drop_database(server, address)


class Server:
    """A server that can be started, stopped and started again on the same data folder.

    `url` is its address, `output` the file with what it printed, `environment` what it is started with.
    """

    def __init__(self, data_dir: Path, database_url: str, **environment: str) -> None:
        self.data_dir = data_dir
        (self.data_dir / "staticfiles").symlink_to(static_files_of_this_run())
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.output = data_dir / "up.log"
        self.process: subprocess.Popen[bytes] | None = None
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("AMLWEB_")}
        self.environment = {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "amlweb.settings",
            "AMLWEB_DATA_DIR": str(data_dir),
            "AMLWEB_PORT": str(self.port),
            "AMLWEB_ADMIN_PASSWORD": ADMIN_PASSWORD,
            "DATABASE_URL": database_url,
            **environment,
        }

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, ROOT / "manage.py", "up"], env=self.environment, stdout=output, stderr=output
            )
        try:
            wait_until(lambda: self.status_of("/healthz") == 200 or self.has_ended(), "/healthz", seconds=90)
        finally:
            if self.has_ended() or self.status_of("/healthz") != 200:
                print(self.output.read_text(errors="replace"))
        assert not self.has_ended(), "the server ended at once"

    def has_ended(self) -> bool:
        """Return whether the parent process has ended."""
        return self.process is None or self.process.poll() is not None

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask the server to end and return its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(30)

    def status_of(self, path: str) -> int:
        """Return the status of a page without a login, or 0 when nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as problem:
            return problem.code
        except OSError:
            return 0

    def processes(self) -> dict[str, int]:
        """Return the process ids of the parent's children by their part of the command line."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        found = {}
        for process_id in children:
            role = re.search(r"uvicorn|runcontroller|qcluster|guardian", command_of(process_id))
            if role:
                found[role.group()] = int(process_id)
        return found


def command_of(process_id: str) -> str:
    """Return a process's arguments after the program, empty when it has ended; `ps` would cut them to its columns."""
    try:
        arguments = Path(f"/proc/{process_id}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return b" ".join(arguments[1:]).decode(errors="replace")


@contextmanager
def running_server(data_dir: Path, *, has_tables: bool = False, **environment: str) -> Iterator[Server]:
    """Run a server until the block ends, on a new data folder; tables can be there before it starts."""
    data_dir.mkdir(mode=0o700, parents=True)
    with database_of_its_own(data_dir, has_tables=has_tables) as database_url:
        server = Server(data_dir, database_url, **environment)
        try:
            server.start()
            yield server
        finally:
            if not server.has_ended():
                server.stop()
