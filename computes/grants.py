"""How much of a target a person may use for a project's runs."""

from dataclasses import dataclass
from math import inf

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q

from computes.models import ComputeTarget, TargetGrant
from projects.models import Project


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a person may use of a target. `slots` None means as many as the target has; the longest run None means
    no limit.

    `slots` counts the runs of everyone under the same grant; `grant_id` is None for administrators.
    """

    grant_id: int | None
    slots: int | None
    longest_run_seconds: int | None


def grant_for(user: User | AnonymousUser, project: Project, target: ComputeTarget) -> Allowance | None:
    """Return the best that a person's grants allow: most slots first, then the longest run. None means not allowed.

    A target that is off allows nobody anything. Administrators need no grant. The target's own longest run bounds
    everyone. Whether the person may run that project's code is not asked here.
    """
    if not target.is_on or not user.is_authenticated or not user.is_active:
        return None
    if user.is_superuser:
        return Allowance(grant_id=None, slots=None, longest_run_seconds=target.longest_run_seconds)
    held = Q(user=user) | Q(group__in=user.groups.all()) | Q(project=project) | Q(everyone=True)
    best = max(TargetGrant.objects.filter(held, target=target), key=_worth, default=None)
    if best is None:
        return None
    bounds = [seconds for seconds in (best.longest_run_seconds, target.longest_run_seconds) if seconds is not None]
    return Allowance(grant_id=best.pk, slots=best.slots, longest_run_seconds=min(bounds, default=None))


def _worth(grant: TargetGrant) -> tuple[float, float, int]:
    slots = inf if grant.slots is None else grant.slots
    longest = inf if grant.longest_run_seconds is None else grant.longest_run_seconds
    return slots, longest, -grant.pk
