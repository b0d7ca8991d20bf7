"""The rows of the list of targets, in a fixed number of queries."""

from collections import defaultdict
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Count, Max

from computes.models import ComputeTarget, TargetCheck, TargetGrant
from computes.target_state import TargetState, state_of
from runs.models import Run
from runs.slot_use import SlotUse


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One target with its state, its slots, and the grants that the reader may know of."""

    target: ComputeTarget
    state: TargetState
    slots: SlotUse
    grants: list[TargetGrant]


def slots_in_use() -> dict[int, int]:
    """Return the number of filled slots by the target's key."""
    counted = Run.objects.holding_slots().order_by().values_list("target").annotate(Count("pk"))
    return dict(counted)


def target_rows_for(user: User) -> list[TargetRow]:
    """Return a row for each target that a person may see, by name."""
    targets = list(ComputeTarget.objects.visible_to(user))
    newest = TargetCheck.objects.order_by().values("target").annotate(newest=Max("pk")).values("newest")
    checks = {check.target_id: check for check in TargetCheck.objects.filter(pk__in=newest, target__in=targets)}
    grants: dict[int, list[TargetGrant]] = defaultdict(list)
    for grant in TargetGrant.objects.visible_to(user).select_related("user", "group", "project").order_by("pk"):
        grants[grant.target_id].append(grant)
    used = slots_in_use()
    return [
        TargetRow(
            target=target,
            state=state_of(target, checks.get(target.pk)),
            slots=SlotUse(used.get(target.pk, 0), target.slots),
            grants=grants[target.pk],
        )
        for target in targets
    ]
