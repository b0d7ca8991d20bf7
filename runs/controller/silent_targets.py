"""Deeds on targets that do not answer: one at a time.

Each attempt holds a task worker until a deadline of some 10 to 25 seconds. There are few workers, and the runs of other
targets need them.
"""

import time
from collections.abc import Iterator
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from runs.models import Run

PACE_SECONDS = 30.0


class SilentTargets:
    """When something was tried last on each silent target, by the monotonic clock."""

    def __init__(self) -> None:
        self.tried: dict[int, float] = {}

    def turns(self, runs: "QuerySet[Run]") -> Iterator[UUID]:
        """Yield the ids of the runs whose turn it is: all on targets that answer, one on each other whose pause is
        over and where nobody is at it."""
        rows = list(runs.values_list("pk", "target_id", "target__contact_problem"))
        busy = self.busy_targets() if any(problem for _, _, problem in rows) else set()
        now = time.monotonic()
        for run_id, target_id, problem in rows:
            if problem:
                if target_id in busy or now - self.tried.get(target_id, -PACE_SECONDS) < PACE_SECONDS:
                    continue
                self.tried[target_id] = now
            else:
                self.tried.pop(target_id, None)
            yield run_id

    def busy_targets(self) -> set[int]:
        """Return the targets on which a task worker holds the lease of a run."""
        return set(Run.objects.filter(lease_expires_at__gt=timezone.now()).values_list("target_id", flat=True))
