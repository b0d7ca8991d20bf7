"""Looks at runs through a network: a run that lives is not looked at anew at each question of the controller."""

import time
from collections.abc import Callable
from threading import Lock

from computes.contract import Condition, RunFolderStatus

MOST_KEPT = 1000
KEPT_SECONDS = {Condition.ALIVE: 0.5, Condition.STARTING: 1.0, Condition.UNREACHABLE: 1.0}


class Looks:
    """The last status of runs that were seen a moment ago. An end is always looked at."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.kept: dict[str, tuple[float, RunFolderStatus]] = {}

    def status(self, key: str, look: Callable[[], RunFolderStatus]) -> RunFolderStatus:
        """Return what was seen a moment ago, or look."""
        until, seen = self.kept.get(key, (0.0, None))
        if seen is not None and time.monotonic() < until:
            return seen
        found = look()
        with self.lock:
            self.kept.pop(key, None)
            if seconds := KEPT_SECONDS.get(found.condition):
                while len(self.kept) >= MOST_KEPT:
                    self.kept.pop(next(iter(self.kept)))
                self.kept[key] = (time.monotonic() + seconds, found)
        return found
