"""Leaving a host alone for a while after it failed, and longer each time."""

import random
import time

from computes.errors import LoginRefused, TargetUnreachable

FIRST_SECONDS = 0.5
LONGEST_SECONDS = 10.0
LONGEST_AFTER_A_REFUSAL_SECONDS = 60.0  # guards of hosts lock out who knocks too often with a wrong key


class Backoff:
    """Remembers the last failure until its pause is over."""

    def __init__(self) -> None:
        self.failure: TargetUnreachable | None = None
        self.seconds = 0.0
        self.until = 0.0

    def require_peace(self) -> None:
        """Raise the failure again while its pause lasts."""
        if self.failure is not None and time.monotonic() < self.until:
            raise self.failure.with_traceback(None)

    def note_failure(self, failure: TargetUnreachable) -> None:
        """Begin a pause: twice as long as the last one, give or take a quarter, so that not all knock together."""
        longest = LONGEST_AFTER_A_REFUSAL_SECONDS if isinstance(failure, LoginRefused) else LONGEST_SECONDS
        self.failure = failure
        self.seconds = min(max(FIRST_SECONDS, self.seconds * 2), longest)
        self.until = time.monotonic() + self.seconds * random.uniform(0.75, 1.25)  # noqa: S311 - no secret

    def note_success(self) -> None:
        """Forget all failures."""
        self.failure, self.seconds, self.until = None, 0.0, 0.0
