"""Looks into containers that cost a process each: not more than two a second for a run that lives."""

import time
from collections.abc import Callable
from threading import Lock

from computes.contract import Condition, RunFolderStatus

KEPT_SECONDS = 0.5
MOST_KEPT = 1000


class Glances:
    """The last status of runs that were alive a moment ago."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.kept: dict[str, tuple[float, RunFolderStatus]] = {}

    def status(self, name: str, look: Callable[[], RunFolderStatus]) -> RunFolderStatus:
        """Return what was seen less than half a second ago, or look."""
        now = time.monotonic()
        seen_at, seen = self.kept.get(name, (0.0, None))
        if seen is not None and now < seen_at + KEPT_SECONDS:
            return seen
        found = look()
        with self.lock:
            self.kept.pop(name, None)
            if found.condition == Condition.ALIVE:
                while len(self.kept) >= MOST_KEPT:
                    self.kept.pop(next(iter(self.kept)))
                self.kept[name] = (time.monotonic(), found)
        return found
