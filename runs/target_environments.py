"""The environments on one target, as far as a person may know of them."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from computes.environment_asking import manages_environments
from computes.models import ComputeTarget, TargetEnvironment

MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class TargetEnvironments:
    """The ones that were used last, how many there are in all, and the bytes of those whose size is known."""

    shown: list[TargetEnvironment]
    total: int
    size_bytes: int


def environments_on(target: ComputeTarget, user: User) -> TargetEnvironments | None:
    """Return the environments of a target; None where its user looks after the packages."""
    rows = TargetEnvironment.objects.visible_to(user).filter(target=target).defer("packages")
    if not manages_environments(target) and not rows.exists():
        return None
    sizes = {row.lock_id: row.size_bytes or 0 for row in rows if row.state == TargetEnvironment.State.READY}
    return TargetEnvironments(list(rows[:MOST_SHOWN]), rows.count(), sum(sizes.values()))
