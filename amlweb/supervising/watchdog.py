"""Finds processes that look alive and do nothing: they run, and their sign of life is missing.

Measured: when an idle task worker is killed, the cluster of django-q2 looks healthy and never runs a task again.
"""

import time
from collections.abc import Callable

CONTROLLER = "controller"


class Watchdog:
    """Remembers when each part was last seen to work. Times are seconds of the monotonic clock.

    `working_parts` asks for the names of the parts that work now.
    """

    def __init__(self, working_parts: Callable[[], set[str]]) -> None:
        self.working_parts = working_parts
        self.seen_at: dict[str, float] = {}
        self.began_at = time.monotonic()
        self.now_working: set[str] = set()

    def look(self) -> None:
        """Ask once."""
        self.now_working = self.working_parts()
        self.seen_at.update(dict.fromkeys(self.now_working, time.monotonic()))

    def silence_of(self, name: str) -> float | None:
        """Return for how many seconds a part has not been seen to work, or None when that cannot be judged.

        Without the database nobody can show anything; and the workers' sign of life is a task that the controller
        sends, so that they are judged only while the controller works.
        """
        needed = {"database"} if name == CONTROLLER else {"database", CONTROLLER}
        if not needed <= self.now_working:
            return None
        return time.monotonic() - self.seen_at.get(name, self.began_at)
