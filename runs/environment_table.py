"""Environments as lists and pages show them: one entry for each lock (or ask, before there is one), on its targets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from computes.models import TargetEnvironment

MOST_WORDS = 4
STATE_LOOKS = {
    TargetEnvironment.State.MISSING: ("queued", "circle-x"),
    TargetEnvironment.State.BUILDING: ("preparing", "loader-2"),
    TargetEnvironment.State.READY: ("completed", "circle-check"),
    TargetEnvironment.State.FAILED: ("failed", "circle-x"),
    TargetEnvironment.State.REMOVING: ("preparing", "trash"),
}


@dataclass(frozen=True, slots=True)
class ListedEnvironment:
    """One environment with its rows, the one that was used last first."""

    key: str
    rows: list[TargetEnvironment]

    @property
    def first(self) -> TargetEnvironment:
        """Return the row that speaks for all: what was asked for."""
        return self.rows[0]

    @property
    def size_bytes(self) -> int | None:
        """Return the size of one prefix, where it is known."""
        return max((row.size_bytes for row in self.rows if row.size_bytes), default=None)

    @property
    def last_used_at(self) -> datetime | None:
        """Return when it was used last anywhere."""
        return max((row.last_used_at for row in self.rows if row.last_used_at), default=None)

    @property
    def is_going_on(self) -> bool:
        """Return whether news may come soon."""
        return any(row.is_going_on for row in self.rows)


def listed(rows: Iterable[TargetEnvironment]) -> list[ListedEnvironment]:
    """Return rows grouped by what names them, in their order."""
    found: dict[str, list[TargetEnvironment]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return [ListedEnvironment(key, group) for key, group in found.items()]


def asked_in_words(asked: Mapping[str, Any]) -> str:
    """Return the beginning of what was asked for: "python 3.11.*, numpy, pandas and 3 more"."""
    wanted = [*asked.get("conda", ()), *(line for line in asked.get("pip", ()) if not line.startswith("-"))]
    if not wanted:
        return str(asked.get("source", "nothing"))
    rest = len(wanted) - MOST_WORDS
    return ", ".join(wanted[:MOST_WORDS]) + (f" and {rest} more" if rest > 0 else "")
