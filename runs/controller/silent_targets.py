"""Deeds on targets that do not answer: one at a time.

Each attempt holds a task worker until a deadline of some 10 to 25 seconds. There are few workers, and the runs of other
targets need them.
"""

import time
from collections.abc import Iterator
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from runs.models import Run

PACE_SECONDS = 30.0


class SilentTargets:
    """When something was tried last on each silent target, by the monotonic clock."""

    def __init__(self) -> None:
        self.tried: dict[int, float] = {}

    def turns(self, runs: "QuerySet[Run]", most: int) -> Iterator[UUID]:
        """Yield the ids of the runs whose turn it is: those on targets that answer, `most` of them at once, and one on
        each other whose pause is over and where nobody is at it. However many wait on those, they are in nobody's way.
        """
        answering = list(runs.filter(target__contact_problem="").values_list("pk", "target_id")[:most])
        silent = runs.exclude(target__contact_problem="").order_by(F("nudged_at").asc(nulls_first=True), "pk")
        targets = set(silent.order_by().values_list("target_id", flat=True).distinct())
        for _, target_id in answering:
            self.tried.pop(target_id, None)
        yield from (run_id for run_id, _ in answering)
        now = time.monotonic()
        for target_id in targets - self.busy_targets() if targets else ():
            if now - self.tried.get(target_id, -PACE_SECONDS) >= PACE_SECONDS:
                self.tried[target_id] = now
                yield from silent.filter(target_id=target_id).values_list("pk", flat=True)[:1]

    def busy_targets(self) -> set[int]:
        """Return the targets on which a task worker holds the lease of a run."""
        return set(Run.objects.filter(lease_expires_at__gt=timezone.now()).values_list("target_id", flat=True))
