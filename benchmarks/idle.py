"""Nothing to do: memory of all processes and processor use."""

import time

from benchmarks.figures import Figure, cpu_seconds, proportional_memory
from benchmarks.installation import installation

SETTLE_SECONDS = 8.0
SECONDS = 20.0


def measure() -> list[Figure]:
    """Return the rows."""
    with installation() as system:
        system.wait_for_end(system.submit("hello.py"))
        pids = [process.pid for process in system.processes.values()]
        time.sleep(SETTLE_SECONDS)
        before, began = cpu_seconds(pids), time.perf_counter()
        time.sleep(SECONDS)
        share = (cpu_seconds(pids) - before) / (time.perf_counter() - began)
        memory = proportional_memory(pids)
    return [
        Figure("idle memory, all processes (PSS)", f"{memory / 1e6:.0f} MB", "–", "≤ 300 MB", memory <= 300e6),
        Figure("idle processor use", f"{share * 100:.1f} % of a core", "–", "≤ 2 %", share <= 0.02),
    ]
