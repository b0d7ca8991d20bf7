"""A whole installation for tests: web, task workers and run controller as real processes on a data folder of its own.

On SQLite by default; with DATABASE_URL and REDIS_URL in the environment it gets a database of its own there.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import requests

from tests.stack.pace import pause_after
from tests.stack.processes import free_port
from tests.stack.server import database_of_its_own, static_files_of_this_run

ROOT = Path(__file__).resolve().parent.parent.parent
FORM_TOKEN = "a" * 32
COMMANDS = {
    "web": [sys.executable, "-m", "uvicorn", "amlweb.asgi:application", "--log-level", "warning", "--no-access-log"],
    "workers": [sys.executable, "manage.py", "qcluster", "--skip-checks"],
    "controller": [sys.executable, "manage.py", "runcontroller", "--skip-checks"],
}
TRANSACTIONS = """SELECT pid, xact_start FROM pg_stat_activity
WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"""


def wait_until(question: Callable[[], Any], seconds: float = 30.0, *, every: float | None = None) -> Any:
    """Ask until the answer is true, and return it; fail after so many seconds with the last answer. `every` is the
    pause between questions in seconds, for what is soon over; else they become rarer."""
    began = time.monotonic()
    while not (answer := question()):
        waited = time.monotonic() - began
        if waited > seconds:
            raise AssertionError(f"still not so after {seconds} s; the last answer was {answer!r}")
        time.sleep(pause_after(waited) if every is None else every)
    return answer


class System:
    """One installation. Processes are started and killed by name; people talk to it through the API."""

    def __init__(self, code: Path, *, slots: int = 2, environment: dict[str, str] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="amlweb-system-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.resources = ExitStack()
        (self.folder / "data").mkdir(mode=0o700)
        (self.folder / "data" / "staticfiles").symlink_to(static_files_of_this_run())
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "amlweb.settings",
            "AMLWEB_DATA_DIR": str(self.folder / "data"),
            "AMLWEB_PORT": str(self.port),
            "AMLWEB_URL": self.url,
            "AMLWEB_MODE": "single",
            "AMLWEB_GRACE_SECONDS": "2",
            **self.own_servers(self.folder / "data"),
            **(environment or {}),
        }
        seed = [sys.executable, "-m", "tests.stack.seed", str(code), str(slots)]
        done = subprocess.run(seed, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        seeded = json.loads(done.stdout.splitlines()[-1])
        self.tokens: dict[str, str] = seeded["tokens"]
        self.session: str = seeded["session"]

    def own_servers(self, data_dir: Path) -> dict[str, str]:
        """Return URLs of a database with tables and a Redis keyspace of our own, where servers are given."""
        servers = {"DATABASE_URL": self.resources.enter_context(database_of_its_own(data_dir, has_tables=True))}
        if os.environ.get("REDIS_URL"):
            parts = urlsplit(os.environ["REDIS_URL"])
            servers["REDIS_URL"] = urlunsplit(parts._replace(path=f"/{1 + os.getpid() % 15}"))
        return servers

    def start(self, *names: str) -> None:
        """Start processes (all by default) and wait until the web answers."""
        for name in names or tuple(COMMANDS):
            extra = ["--port", str(self.port)] if name == "web" else []
            log = (self.folder / f"{name}.out").open("ab")
            self.processes[name] = subprocess.Popen(
                [*COMMANDS[name], *extra],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            log.close()
        if "web" in self.processes:
            wait_until(self.is_up)

    def is_up(self) -> bool:
        """Return whether the web process answers."""
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to a whole process group; after a deadly one, wait for its end."""
        process = self.processes[name]
        os.killpg(process.pid, number)
        if number in (signal.SIGKILL, signal.SIGTERM):
            process.wait(timeout=30)

    def freeze(self, name: str) -> subprocess.Popen[bytes]:
        """Stop a process in its tracks, but not while it holds a lock of the database: then others could not write."""
        process = self.processes[name]
        while True:
            os.killpg(process.pid, signal.SIGSTOP)
            if not self.is_somebody_stuck():
                return process
            os.killpg(process.pid, signal.SIGCONT)
            time.sleep(0.3)

    def is_somebody_stuck(self) -> bool:
        """Return whether a transaction goes on and on: on SQLite it keeps all from writing, on PostgreSQL from some
        rows, which only the database knows."""
        if not (database := self.environment["DATABASE_URL"]):
            try:
                self.call("POST", "/targets/local/check", timeout=3)
            except requests.Timeout:
                return True
            return False
        with psycopg.connect(database, autocommit=True) as connection:
            stuck = set(connection.execute(TRANSACTIONS).fetchall())
            for _ in range(5):
                time.sleep(0.1)
                stuck &= set(connection.execute(TRANSACTIONS).fetchall())
        return bool(stuck)

    def call(self, method: str, path: str, *, by: str = "alice", **options: Any) -> requests.Response:
        """Call the API as somebody."""
        headers = {"Authorization": f"Bearer {self.tokens[by]}", **options.pop("headers", {})}
        options.setdefault("timeout", 30)
        return requests.request(method, f"{self.url}/api/v1{path}", headers=headers, **options)

    def submit(self, script: str, *arguments: str, by: str = "alice", **fields: Any) -> int:
        """Submit a script of the project "hello" to the local target and return the run's number."""
        body = {"script": script, "arguments": list(arguments), "target": "local", **fields}
        answer = self.call("POST", "/projects/hello/runs", by=by, json=body)
        assert answer.status_code == 201, answer.text + self.output("web")
        return int(answer.json()["number"])

    def grant(self, target: str) -> None:
        """Let the project "hello" use a target, by the page where an administrator does that."""
        answer = requests.post(
            f"{self.url}/computes/{target}/grants/",
            data={"kind": "project", "name": "hello", "csrfmiddlewaretoken": FORM_TOKEN},
            cookies={"sessionid": self.session, "csrftoken": FORM_TOKEN},
            allow_redirects=False,
            timeout=30,
        )
        assert answer.status_code == 302, answer.text

    def check(self, target: str, seconds: float = 60.0) -> dict[str, Any]:
        """Have a target checked and return what was found."""
        number = self.call("POST", f"/targets/{target}/check", by="ada").json()["id"]

        def found() -> dict[str, Any]:
            return dict(self.call("GET", f"/targets/{target}/checks/{number}", by="ada").json())

        wait_until(lambda: found()["is_finished"], seconds)
        return found()

    def output(self, name: str) -> str:
        """Return the end of what a process printed."""
        return (self.folder / f"{name}.out").read_text(errors="replace")[-5_000:]

    def run(self, number: int) -> dict[str, Any]:
        """Return a run as the API shows it."""
        answer = self.call("GET", f"/projects/hello/runs/{number}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def wait_for(self, number: int, *states: str, seconds: float = 30.0) -> dict[str, Any]:
        """Wait until a run is in one of some states, and return it."""
        wait_until(lambda: self.run(number)["state"] in states, seconds)
        return self.run(number)

    def wait_for_end(self, number: int, seconds: float = 45.0) -> dict[str, Any]:
        """Wait until a run has ended, and return it."""
        return self.wait_for(number, "completed", "failed", "canceled", seconds=seconds)

    def log(self, number: int) -> bytes:
        """Return the whole log of a run."""
        return self.call("GET", f"/projects/hello/runs/{number}/log").content

    def stop(self) -> None:
        """Stop everything and remove what was made."""
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=30)
        self.resources.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def running_system(code: Path, *, slots: int = 2, environment: dict[str, str] | None = None) -> Iterator[System]:
    """Give a whole running installation with a folder of code as its project."""
    system = System(code, slots=slots, environment=environment)
    try:
        system.start()
        yield system
    finally:
        system.stop()
