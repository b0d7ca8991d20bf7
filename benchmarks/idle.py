"""Nothing to do: memory of all processes of `manage.py up` and their processor use, after a few runs."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

from benchmarks.figures import Figure, cpu_seconds, proportional_memory
from tests.stack.processes import wait_until
from tests.stack.server import ROOT, Server, running_server

RUNS = 4
SETTLE_SECONDS = 8.0
SECONDS = 20.0


def run_sample(server: Server) -> None:
    """Run a script of the sample project a few times, so that every process has done its work once."""
    command = [sys.executable, "manage.py", "createtoken", "admin"]
    made = subprocess.run(command, cwd=ROOT, env=server.environment, capture_output=True, text=True, check=True)
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {made.stdout.strip()}"
    runs = f"{server.url}/api/v1/projects/iris/runs"
    for _ in range(RUNS):
        number = session.post(runs, json={"script": "iris_sklearn.py", "target": "local"}, timeout=30).json()["number"]
        address = f"{runs}/{number}"
        wait_until(lambda at=address: session.get(at, timeout=30).json()["finished_at"], f"run {number}")  # type: ignore[misc]


def measure() -> list[Figure]:
    """Return the rows."""
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder) / "data") as server:
        wait_until(lambda: server.status_of("/readyz") == 200, "/readyz")
        run_sample(server)
        assert server.process is not None
        pids = [server.process.pid]
        time.sleep(SETTLE_SECONDS)
        before, began = cpu_seconds(pids), time.perf_counter()
        time.sleep(SECONDS)
        share = (cpu_seconds(pids) - before) / (time.perf_counter() - began)
        memory = proportional_memory(pids)
    return [
        Figure("idle memory, all processes (PSS)", f"{memory / 1e6:.0f} MB", "–", "≤ 300 MB", memory <= 300e6),
        Figure("idle processor use", f"{share * 100:.1f} % of a core", "–", "≤ 2 %", share <= 0.02),
    ]
