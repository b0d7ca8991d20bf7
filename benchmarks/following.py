"""Fifty runs that print on one host over SSH: connections, the controller's processor time, and how late the log is."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from benchmarks.figures import Figure, cpu_seconds, percentile
from benchmarks.real_hosts import real_hosts
from tests.stack.system import System, wait_until
from tests.targets.conftest import Hosts

RUNS = 50
SECONDS_BETWEEN = 0.5
SECONDS = 15.0
LOOK_SECONDS = 0.02


def measure() -> list[Figure]:
    """Return the rows."""
    with real_hosts() as hosts:
        facts = hosts.ssh()
        hosts.attach("remote", kind="remote", user_managed_environment=True, **facts, slots=RUNS)
        numbers = start(hosts.system)
        controller = hosts.system.processes["controller"].pid
        connections = connections_to(hosts, controller)
        before, began = cpu_seconds([controller]), time.perf_counter()
        delays = watch_logs(hosts.system.folder / "data" / "runs")
        share = (cpu_seconds([controller]) - before) / (time.perf_counter() - began)
        end(hosts.system, numbers)
    p99 = percentile(delays, 0.99)
    return [
        Figure(f"{RUNS} runs followed on one SSH host", f"{connections} connection", "–", "≤ 1", connections <= 1),
        Figure("run controller meanwhile", f"{share:.2f} core", "–", "≤ 0.5 core", share <= 0.5),
        Figure(
            "delay of their logs, from print to the server's file",
            f"p99 {p99 * 1000:.0f} ms ({len(delays)} lines)",
            "–",
            "p99 ≤ 1 s",
            p99 <= 1,
        ),
    ]


def start(system: System) -> list[int]:
    """Start all runs and return their numbers once they print."""
    arguments = (str(SECONDS_BETWEEN), str(int(600 / SECONDS_BETWEEN)))
    with ThreadPoolExecutor(8) as clients:
        submits = [clients.submit(system.submit, "ticking.py", *arguments, target="remote") for _ in range(RUNS)]
        numbers = [submit.result() for submit in submits]
    logs = system.folder / "data" / "runs"
    wait_until(lambda: len([log for log in logs.glob("*/*/log") if log.stat().st_size]) == RUNS, 170, every=0.5)
    return numbers


def end(system: System, numbers: list[int]) -> None:
    """Cancel all runs and wait for their end, so that nothing goes on on this machine."""
    for number in numbers:
        system.call("POST", f"/projects/hello/runs/{number}/cancel")
    for number in numbers:
        system.wait_for_end(number, 120)


def connections_to(hosts: Hosts, pid: int) -> int:
    """Return how many connections a process has to the host."""
    found = psutil.Process(pid).net_connections("tcp")
    return sum(bool(c.raddr) and c.raddr.port == hosts.host.port and c.status == "ESTABLISHED" for c in found)


def watch_logs(folder: Path) -> list[float]:
    """Look at the server's logs for a while; return for each line that came how late it was, in seconds."""
    sizes = {log: log.stat().st_size for log in folder.glob("*/*/log")}
    delays: list[float] = []
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        for log, size in sizes.items():
            now = time.time()
            if (grown := log.stat().st_size) > size:
                with log.open("rb") as file:
                    file.seek(size)
                    new = file.read(grown - size)
                delays += [now - float(line) for line in new.split()]
                sizes[log] = grown
        time.sleep(LOOK_SECONDS)
    return delays
