"""Submit → first line: HTTP POST to the first log frame in a websocket client, over three restarts of the server."""

import sys
import time

import requests

from benchmarks.bare import first_line_of
from benchmarks.figures import Figure, median, percentile
from benchmarks.installation import SCRIPTS, installation
from benchmarks.submitting import first_line_seconds

ROUNDS = 3
RUNS_EACH = 30


def measure() -> list[Figure]:
    """Measure both and return the rows."""
    times: list[float] = []
    for _ in range(ROUNDS):
        with installation() as system:
            session = requests.Session()
            for number in range(RUNS_EACH + 3):
                seconds, _ = first_line_seconds(system, session, "hello.py", "local")
                if number >= 3:
                    times.append(seconds)
                time.sleep(0.2 + 0.013 * (number % 7))
    plain = [first_line_of([sys.executable, str(SCRIPTS / "hello.py")]) for _ in range(30)]
    shown = f"median {median(times) * 1000:.0f} ms, p95 {percentile(times, 0.95) * 1000:.0f} ms"
    is_met = median(times) <= 0.150 and percentile(times, 0.95) <= 0.250
    aim = "median ≤ 150 ms, p95 ≤ 250 ms"
    return [Figure("submit → first line in a websocket", shown, f"{median(plain) * 1000:.0f} ms", aim, is_met)]
