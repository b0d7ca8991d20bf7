"""A million lines of 100 bytes at full speed: is the script slowed, and when is the server's copy complete?"""

import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from benchmarks.figures import Figure, median, proportional_memory
from benchmarks.installation import SCRIPTS, installation
from tests.stack.system import System

LINES = 1_000_000
ROUNDS = 5


def bare() -> float:
    """Return how long the script needs to print to a file, in seconds, by its own clock."""
    with tempfile.TemporaryDirectory() as folder:
        with (Path(folder) / "log").open("wb") as log:
            command = [sys.executable, "-u", str(SCRIPTS / "flood.py"), str(LINES)]
            subprocess.run(command, stdout=log, cwd=folder, env={"AMLWEB_OUTPUTS": folder}, check=True)
        return float((Path(folder) / "seconds.txt").read_text().split()[0])


def measure() -> list[Figure]:
    """Alternate bare and supervised printing, both unbuffered as runs are, and compare the medians."""
    plain, ours, delays = [], [], []
    with installation(slots=1) as system:
        pids = [process.pid for process in system.processes.values()]
        system.wait_for_end(system.submit("hello.py"))
        before = proportional_memory(pids)
        peak = before
        for _ in range(ROUNDS):
            plain.append(bare())
            number = system.submit("flood.py", str(LINES))
            while (run := system.run(number))["state"] not in ("completed", "failed"):
                peak = max(peak, proportional_memory(pids))
                time.sleep(0.1)
            assert run["state"] == "completed", run
            assert run["log_bytes"] == LINES * 100
            seconds, ended = system.call("GET", f"/projects/hello/runs/{number}/outputs/seconds.txt").text.split()
            ours.append(float(seconds))
            delays.append(copied_at(system, number) - float(ended))
    ratio = median(ours) / median(plain)
    return [
        Figure(
            "1,000,000 lines of 100 bytes",
            f"{median(ours):.2f} s ({ratio:.2f} ×)",
            f"{median(plain):.2f} s",
            "≤ 1.05 ×",
            ratio <= 1.05,
        ),
        Figure(
            "server's copy complete after the last line", f"{median(delays):.2f} s", "–", "≤ 1 s", median(delays) <= 1
        ),
        Figure(
            "memory growth meanwhile", f"{(peak - before) / 1e6:.0f} MB", "–", "flat (≤ 20 MB)", peak - before <= 20e6
        ),
    ]


def copied_at(system: System, number: int) -> float:
    """Return when the server had the whole log: the moment the run went on to finalizing, in seconds since 1970."""
    run = system.run(number)
    return datetime.fromisoformat(run["finalizing_at"]).timestamp()
