"""What goes on at a target: what is on it, what waits for it and what was, as far as a person may know."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from computes.models import ComputeTarget
from runs.models import Run
from runs.slot_use import SlotUse
from runs.status import TERMINAL, State

MOST_SHOWN = 50
PAST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """Runs that a person may see, and how many more there are: of other projects, or too many to list."""

    runs: list[Run]
    total: int

    @property
    def others(self) -> int:
        """Return how many are not listed."""
        return self.total - len(self.runs)


@dataclass(frozen=True, slots=True)
class TargetActivity:
    """Everything about a target's runs that its page shows."""

    slots: SlotUse
    current: Shown
    waiting: Shown
    past: list[Run]

    @property
    def is_lively(self) -> bool:
        """Return whether the page should look again soon."""
        return bool(self.current.total or self.waiting.total)


def activity_of(target: ComputeTarget, user: User) -> TargetActivity:
    """Return what goes on at a target: waiting runs in the order they will start, past ones newest first.

    Waiting runs are asked for first: one that starts meanwhile is then seen twice rather than not at all.
    """
    runs = Run.objects.filter(target=target).select_related("project", "created_by")
    held = runs.holding_slots()
    current = held | runs.on_target()
    waiting = runs.filter(state=State.QUEUED, admitted_at=None)
    past = runs.filter(state__in=TERMINAL).visible_to(user).order_by("-finished_at", "-created_at")
    in_line = Shown(list(waiting.visible_to(user).order_by("queued_at", "id")[:MOST_SHOWN]), waiting.count())
    return TargetActivity(
        slots=SlotUse(held.count(), target.slots),
        current=Shown(list(current.visible_to(user).order_by("queued_at")[:MOST_SHOWN]), current.count()),
        waiting=in_line,
        past=list(past[:PAST_SHOWN]),
    )
