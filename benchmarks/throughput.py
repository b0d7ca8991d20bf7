"""A hundred trivial runs on four slots, submitted by eight clients at once."""

import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.figures import Figure
from benchmarks.installation import installation
from tests.stack.system import System, wait_until

RUNS = 100


def measure() -> list[Figure]:
    """Return runs a second, and how many submits or processes met a locked database."""
    with installation(slots=4) as system:
        system.wait_for_end(system.submit("hello.py"))
        began = time.perf_counter()
        with ThreadPoolExecutor(8) as clients:
            numbers = list(clients.map(lambda _: system.submit("hello.py"), range(RUNS)))
        submitted = time.perf_counter() - began
        wait_until(lambda: system.run(max(numbers))["finished_at"], 120, every=0.1)  # the last in line
        wait_until(lambda: len(ended(system)) >= RUNS + 1, 120, every=0.1)
        seconds = time.perf_counter() - began
        states = {run["state"] for run in ended(system)}
        output = "".join(path.read_text() for path in system.folder.glob("*.out"))
    locked = output.count("database is locked")
    rate = RUNS / seconds
    return [
        Figure(
            "100 trivial runs on 4 slots",
            f"{rate:.1f} runs/s",
            "–",
            "≥ 15 runs/s",
            rate >= 15 and states == {"completed"},
        ),
        Figure(
            f"{len(numbers)} submits by 8 clients at once",
            f"{submitted:.1f} s, {locked} × “database is locked”",
            "–",
            "no “database is locked”",
            locked == 0,
        ),
    ]


def ended(system: System) -> list[dict[str, object]]:
    """Return the runs that have ended."""
    found, cursor = [], ""
    while True:
        page = system.call("GET", f"/projects/hello/runs?cursor={cursor}").json()
        found += [run for run in page["runs"] if run["state"] in ("completed", "failed", "canceled")]
        cursor = page["next"]
        if not cursor:
            return found
