"""Runs a program that may not take for ever, nor fill the disk, and keeps saying that it is still at it.

Plain Python.
"""

import os
import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOK_SECONDS = 0.2
WORDS_BYTES = 8000
MEMORY_BYTES = 2 * 1024**3


class OutgrewItsLimit(Exception):
    """The program ran too long ("seconds") or wrote too much ("bytes") and was ended."""


@dataclass(frozen=True, slots=True)
class WatchLimits:
    """Seconds of all calls together (a moment of the monotonic clock), bytes in the folder, and who is told of it."""

    until: float
    most_bytes: int
    still_here: Callable[[], None]


def run_watched(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], limits: WatchLimits
) -> tuple[int, str]:
    """Return the exit code and the end of what was written to stderr. Raises OutgrewItsLimit."""

    def limit_resources() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.most_bytes, limits.most_bytes))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))

    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=words,
            process_group=0,
            preexec_fn=limit_resources,
        )
        try:
            while True:
                try:
                    process.wait(LOOK_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    limits.still_here()
                    _refuse_excess(folder, limits)
        finally:
            _end(process)
        _refuse_excess(folder, limits)
        words.seek(max(0, words.seek(0, os.SEEK_END) - WORDS_BYTES))
        return process.returncode, words.read().decode("utf-8", "replace")


def _refuse_excess(folder: Path, limits: WatchLimits) -> None:
    if time.monotonic() > limits.until:
        raise OutgrewItsLimit("seconds")
    if _bytes_below(folder) > limits.most_bytes:
        raise OutgrewItsLimit("bytes")


def _bytes_below(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(f"{place}/{name}").st_size
            except FileNotFoundError:  # the program renames and removes while we look
                continue
    return total


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill what is left of the program's process group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
