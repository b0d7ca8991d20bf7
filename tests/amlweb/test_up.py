"""`manage.py up` as it is started in life."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.amlweb.test_family import is_running
from tests.stack.processes import free_port, wait_until
from tests.stack.server import ADMIN_PASSWORD, ROOT, Server, running_server

pytestmark = pytest.mark.stack


@contextmanager
def whole_server(data_dir: Path, *, has_tables: bool) -> Iterator[Server]:
    """Run a server with all its processes."""
    with running_server(data_dir, has_tables=has_tables) as server:
        wait_until(lambda: len(server.processes()) == 4, "all processes")
        yield server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A running server of this test's own, whose tables were there before."""
    with whole_server(tmp_path / "data", has_tables=True) as server:
        yield server


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that found nothing, for all tests that only look at it."""
    with whole_server(tmp_path_factory.mktemp("first") / "data", has_tables=False) as server:
        yield server


def second_start(server: Server, **environment: str) -> subprocess.CompletedProcess[str]:
    """Try to start another server."""
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", "up"],
        env={**server.environment, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_first_start_leads_to_the_sign_in_page(first_start: Server) -> None:
    assert first_start.status_of("/login/") == 200
    address = f"ready at http://localhost:{first_start.port}/"
    wait_until(lambda: address in first_start.output.read_text(), "the address")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ending_it_ends_all_processes_and_a_second_start_finds_everything(server: Server, how: signal.Signals) -> None:
    processes = server.processes()
    assert set(processes) == {"uvicorn", "runcontroller", "qcluster", "guardian"}
    assert server.stop(how) == 0
    wait_until(lambda: not any(map(is_running, processes.values())), "the end of all processes")
    server.start()
    assert server.output.read_text().count("added this machine") == 1


@pytest.mark.parametrize("role", ["uvicorn", "runcontroller", "qcluster"])
def test_a_killed_process_is_replaced(server: Server, role: str) -> None:
    killed = server.processes()[role]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: server.processes().get(role, killed) != killed, f"a new {role}")
    wait_until(lambda: server.status_of("/healthz") == 200, "/healthz")


def test_killing_the_parent_leaves_nobody_behind(server: Server) -> None:
    processes = server.processes()
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    wait_until(lambda: not any(map(is_running, processes.values())), "the guardian's work", seconds=20)


def test_a_second_server_on_the_same_port_or_data_folder_is_refused_in_words(first_start: Server) -> None:
    other_folder = {"AMLWEB_DATA_DIR": str(first_start.data_dir.parent / "other")}
    same_port = second_start(first_start, **other_folder)
    assert same_port.returncode == 1
    assert f"Port {first_start.port} on 127.0.0.1 is in use" in same_port.stderr
    same_folder = second_start(first_start)
    assert same_folder.returncode == 1
    assert "already running on the data folder" in same_folder.stderr
    nonsense = second_start(first_start, AMLWEB_PORT="eight", **other_folder)
    assert nonsense.returncode == 1
    assert "amlweb cannot start: AMLWEB_PORT is 'eight'; it must be a whole number" in nonsense.stderr
    assert "Traceback" not in same_port.stderr + same_folder.stderr + nonsense.stderr


def test_a_given_password_is_named_but_not_shown(first_start: Server) -> None:
    printed = first_start.output.read_text()
    assert "sign in as 'admin' with the password of AMLWEB_ADMIN_PASSWORD" in printed
    assert ADMIN_PASSWORD not in printed


def test_the_random_password_is_shown_once(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", AMLWEB_ADMIN_PASSWORD="") as server:
        assert "sign in as 'admin' with the password" in server.output.read_text()
        server.stop()
        server.start()
        assert server.output.read_text().count("sign in as 'admin'") == 1


def test_another_data_folder_with_the_same_database_is_refused(first_start: Server, tmp_path: Path) -> None:
    database = first_start.environment["DATABASE_URL"] or f"sqlite:///{first_start.data_dir / 'amlweb.sqlite3'}"
    elsewhere = {"AMLWEB_DATA_DIR": str(tmp_path / "other"), "AMLWEB_PORT": str(free_port())}
    other = second_start(first_start, DATABASE_URL=database, **elsewhere)
    assert other.returncode == 1
    assert "The database belongs to installation" in other.stderr


def test_sqlite_writes_ahead(first_start: Server) -> None:
    file = first_start.data_dir / "amlweb.sqlite3"
    assert file.exists() != bool(first_start.environment["DATABASE_URL"])
    if not file.exists():
        return
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
