"""Why a run waits: the line in front of a target, and its words for the page."""

import shutil
from collections import Counter
from dataclasses import dataclass, field

from django.conf import settings

from computes.grants import Allowance, grant_for
from computes.host_keys import obstacle_on_the_way
from computes.models import ComputeTarget
from projects.models import Project, Role
from runs.models import Run
from runs.models.run import LONGEST_REASON


@dataclass(slots=True)
class Line:
    """Who holds the slots of a target, and who was passed by in the line before the next one."""

    target: ComputeTarget
    holders: list[Run]
    ahead: list[Run] = field(default_factory=list)
    allowances: dict[tuple[int | None, int], Allowance | None] = field(default_factory=dict)

    @classmethod
    def at(cls, target: ComputeTarget) -> "Line":
        """Return the line in front of a target as it is now."""
        holders = Run.objects.holding_slots().filter(target=target).select_related("created_by")
        return cls(target, list(holders.order_by("admitted_at")))

    @property
    def is_full(self) -> bool:
        """Return whether every slot is taken."""
        return len(self.holders) >= self.target.slots

    def admit(self, run: Run) -> None:
        """Count a run among the holders."""
        self.holders.append(run)

    def pass_by(self, run: Run) -> None:
        """Count a run among those who wait before the next one."""
        self.ahead.append(run)

    def allowance_of(self, run: Run) -> Allowance | None:
        """Return what a run's submitter may use. Rights are asked again: they may have changed since the submit."""
        key = (run.created_by_id, run.project_id)
        if key not in self.allowances:
            person = run.created_by
            may_run = person is not None and Project.objects.with_role(person, Role.RUNNER).filter(pk=run.project_id)
            self.allowances[key] = grant_for(person, run.project, self.target) if may_run and person else None
        return self.allowances[key]

    def reason_to_wait(self, run: Run) -> str:
        """Return why a run cannot start now, or empty."""
        allowance = self.allowance_of(run)
        if allowance is None:
            return f"{self.target.name} is off, or {run.created_by} may not use it any more"
        used = Counter(holder.grant_id for holder in self.holders)
        if allowance.slots is not None and used[allowance.grant_id] >= allowance.slots:
            same = [holder for holder in self.holders if holder.grant_id == allowance.grant_id]
            return f"the grant allows {allowance.slots} at once; {behind(same)}"
        return behind(self.ahead or self.holders) if self.is_full else ""


def obstacle_of(target: ComputeTarget) -> str:
    """Return why nothing at all starts on a target now, or empty."""
    if target.is_draining:
        return f"{target.name} is being drained" + (f": {target.drain_reason}" if target.drain_reason else "")
    if unknown := obstacle_on_the_way(target):
        return unknown
    if shutil.disk_usage(settings.DATA_DIR).free < settings.FREE_SPACE_FLOOR_BYTES:
        return "the server's disk is nearly full; an administrator must free some space"
    return ""


def behind(others: list[Run]) -> str:
    """Return who is before a run: "behind run 12 of Bob and 1 more"."""
    if not others:
        return "waiting for a free slot"
    first, rest = others[0], len(others) - 1
    person = (first.created_by.get_full_name() or first.created_by.username) if first.created_by else "somebody"
    more = f" and {rest} more" if rest else ""
    return f"behind run {first.number} of {person}{more}"


def tell(run: Run, reason: str) -> None:
    """Write the reason on the run when it has changed."""
    if run.wait_reason != reason[:LONGEST_REASON]:
        Run.objects.filter(pk=run.pk).update(wait_reason=reason[:LONGEST_REASON])
