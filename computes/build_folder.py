"""The files of a build on this server, below settings.DATA_DIR: what the builder is told, and what it tells.

`environments/<row>/build.log` goes on through all attempts at one build; runs keep it by a hard link. Each attempt has
a folder of its own, so that a builder that freezes and thaws cannot disturb the next one.
"""

import json
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from computes.supervisor.files import read_json
from computes.supervisor.processes import is_the_process, signal_group

TAIL_BYTES = 4096
KILL = 9


def folder_of(environment_id: int) -> Path:
    """Return the folder of everything that belongs to one environment's builds."""
    return Path(settings.DATA_DIR) / "environments" / str(environment_id)


def log_of(environment_id: int) -> Path:
    """Return the log of the last build."""
    return folder_of(environment_id) / "build.log"


@dataclass(frozen=True, slots=True)
class Attempt:
    """The folder of one attempt. Its parts are written whole, so what can be read is complete."""

    folder: Path

    @classmethod
    def of(cls, environment_id: int, token: UUID) -> "Attempt":
        """Return the attempt that holds a lease."""
        return cls(folder_of(environment_id) / token.hex)

    @property
    def request(self) -> Path:
        """What the builder is told, credentials included; for the server's account alone."""
        return self.folder / "request.json"

    @property
    def certificates(self) -> Path:
        """The target's own certificates, where it has some."""
        return self.folder / "ca.pem"

    @property
    def result(self) -> Path:
        """What came of it."""
        return self.folder / "result.json"

    @property
    def heartbeat(self) -> Path:
        """Touched by the builder every second."""
        return self.folder / "heartbeat"

    @property
    def cancel(self) -> Path:
        """Its presence asks the builder to end."""
        return self.folder / "cancel"

    @property
    def process(self) -> Path:
        """Who the builder is: pid, start ticks and boot id."""
        return self.folder / "process.json"

    @property
    def complaints(self) -> Path:
        """What the builder wrote to its own streams."""
        return self.folder / "builder.log"

    def outcome(self) -> dict[str, Any] | None:
        """Return the result, None while there is none."""
        try:
            return dict(json.loads(self.result.read_text()))
        except (FileNotFoundError, ValueError):
            return None

    def silent_seconds(self) -> float:
        """Return how long ago the builder showed a sign of life; its start counts as one. The builder may remove its
        request while we look."""
        signs = []
        for path in (self.request, self.heartbeat):
            with suppress(FileNotFoundError):
                signs.append(path.stat().st_mtime)
        return time.time() - max(signs) if signs else float("inf")

    def has_process(self) -> bool:
        """Return whether the very builder still lives, were it frozen."""
        known = read_json(str(self.process))
        return known is not None and is_the_process(known["pid"], known["ticks"], known["boot_id"])

    def kill(self) -> None:
        """End the builder and what it started in its session's first group, at once."""
        known = read_json(str(self.process))
        if known is not None and self.has_process():
            signal_group(known["pid"], KILL)

    def last_complaint(self) -> str:
        """Return the last line that the builder wrote to its own streams."""
        lines = tail_of(self.complaints)
        return lines[-1] if lines else ""


def tail_of(path: Path) -> list[str]:
    """Return the last lines of a file that are not blank; none when it is not there."""
    try:
        with path.open("rb") as file:
            file.seek(max(os.fstat(file.fileno()).st_size - TAIL_BYTES, 0))
            text = file.read(TAIL_BYTES).decode("utf-8", "replace")
    except FileNotFoundError:
        return []
    return [line.strip() for line in text.splitlines() if line.strip()]


def attempts_of(environment_id: int) -> list[Attempt]:
    """Return every attempt that has left a folder."""
    folder = folder_of(environment_id)
    return [Attempt(each) for each in folder.iterdir() if each.is_dir()] if folder.is_dir() else []


def end_attempts(environment_id: int) -> None:
    """Kill the builders of all attempts and remove what they were told; the log stays."""
    for attempt in attempts_of(environment_id):
        attempt.kill()
        shutil.rmtree(attempt.folder, ignore_errors=True)


def begin_log(environment_id: int) -> None:
    """Begin a new log for a new build; runs that keep the earlier one keep it."""
    folder_of(environment_id).mkdir(mode=0o700, parents=True, exist_ok=True)
    log_of(environment_id).unlink(missing_ok=True)
    os.close(os.open(log_of(environment_id), os.O_WRONLY | os.O_CREAT, 0o600))


def append_line(environment_id: int, text: str) -> None:
    """Add a line of ours to the log."""
    descriptor = os.open(log_of(environment_id), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{text}\n".encode())
    finally:
        os.close(descriptor)
