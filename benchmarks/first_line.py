"""Submit → first line: HTTP POST to the first log frame in a websocket client, over three restarts of the server."""

import json
import subprocess
import sys
import time

import requests
from websockets.sync.client import connect

from benchmarks.figures import Figure, median, percentile
from benchmarks.installation import SCRIPTS, installation

ROUNDS = 3
RUNS_EACH = 30


def bare() -> float:
    """Return how long the program needs from its start to its first line, in seconds."""
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, str(SCRIPTS / "hello.py")], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        return time.perf_counter() - began


def measure() -> list[Figure]:
    """Measure both and return the rows."""
    times: list[float] = []
    for _ in range(ROUNDS):
        with installation() as system:
            session = requests.Session()
            token = {"Authorization": f"Bearer {system.tokens['alice']}"}
            body = {"script": "hello.py", "target": "local"}
            for number in range(RUNS_EACH + 3):
                began = time.perf_counter()
                answer = session.post(f"{system.url}/api/v1/projects/hello/runs", json=body, headers=token)
                address = f"ws://127.0.0.1:{system.port}/ws/projects/hello/runs/{answer.json()['number']}/"
                with connect(address, additional_headers=token, compression=None) as viewer:
                    viewer.send(json.dumps({"from": 0}))
                    while json.loads(viewer.recv(timeout=20))["type"] != "log":
                        continue
                    if number >= 3:
                        times.append(time.perf_counter() - began)
                time.sleep(0.2 + 0.013 * (number % 7))
    plain = [bare() for _ in range(30)]
    shown = f"median {median(times) * 1000:.0f} ms, p95 {percentile(times, 0.95) * 1000:.0f} ms"
    is_met = median(times) <= 0.150 and percentile(times, 0.95) <= 0.250
    aim = "median ≤ 150 ms, p95 ≤ 250 ms"
    return [Figure("submit → first line in a websocket", shown, f"{median(plain) * 1000:.0f} ms", aim, is_met)]
