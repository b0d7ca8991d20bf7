"""Figures and the table they are shown in."""

import statistics
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: what was measured, the value, what the bare program needs, the aim, and whether it was met."""

    what: str
    value: str
    bare: str
    aim: str
    is_met: bool


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share (0 to 1) of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return statistics.median(values)


def proportional_memory(pids: Sequence[int]) -> int:
    """Return the proportional set size of processes and all their children, in bytes."""
    total = 0
    for pid in pids:
        process = psutil.Process(pid)
        for member in [process, *process.children(recursive=True)]:
            try:
                lines = Path(f"/proc/{member.pid}/smaps_rollup").read_text().splitlines()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has just ended
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total * 1024


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return the processor time that processes and their children have used so far."""
    total = 0.0
    for pid in pids:
        process = psutil.Process(pid)
        for member in [process, *process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):  # it has just ended
                times = member.cpu_times()
                total += times.user + times.system
    return total


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table."""
    rows = [("what", "measured", "bare program", "aim", "met")]
    rows += [(f.what, f.value, f.bare, f.aim, "yes" if f.is_met else "**no**") for f in figures]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])
