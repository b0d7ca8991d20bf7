"""Looks at many run folders in one round trip.

Whoever watches runs asks for one after the other, many times a second. The first look asks for all that were looked at
lately; the others are answered from it. Only *alive* is passed on like that, and only for some milliseconds: that a run
was alive a moment ago misleads nobody, while any other answer is evidence and is asked for anew.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

FRESH_SECONDS = 0.03
LATELY_SECONDS = 1.0
MOST_AT_ONCE = 200

Status = dict[str, Any]


class Looks:
    """The looks of all threads at the run folders of one host."""

    def __init__(self, ask: Callable[[list[str]], list[Status]]) -> None:
        self.ask = ask
        self.lock = threading.Lock()
        self.asked_at: dict[str, float] = {}
        self.known: dict[str, tuple[float, Status]] = {}

    def at(self, folder: str) -> Status:
        """Return the status of a run folder."""
        with self.lock:
            now = time.monotonic()
            self.asked_at = {name: at for name, at in self.asked_at.items() if now - at < LATELY_SECONDS}
            self.asked_at[folder] = now
            known = self.known.pop(folder, None)
            if known is not None and now - known[0] < FRESH_SECONDS:
                return known[1]
            others = [name for name in self.asked_at if name != folder][: MOST_AT_ONCE - 1]
        found = self.ask([folder, *others])
        with self.lock:
            self.known = {
                name: (now, status)
                for name, status in zip(others, found[1:], strict=True)
                if status.get("answer") == "alive" and name in self.asked_at
            }
        return found[0]

    def forget(self) -> None:
        """Let the next look at each folder ask: something was changed there."""
        with self.lock:
            self.asked_at.clear()
            self.known.clear()
