"""Watching the builds of environments: what came of them, which need a new builder, and which runs wait for them."""

from datetime import timedelta

from django.utils import timezone

from computes.environment_builds import look_at, seconds_so_far
from computes.errors import sentences
from computes.models import TargetEnvironment
from computes.models.target_environment import GOING_ON
from computes.preparing_environments import cancel_build
from computes.tasks import nudge_build
from runs.models import Run
from runs.models.run import LONGEST_REASON
from runs.status import State
from runs.tasks import nudge_launch

LOOK_SECONDS = 0.5
NUDGE_AGAIN_SECONDS = 5


class BuildWatch:
    """Looks at every build twice a second. All it knows is on rows and in files, so the next one goes on from there."""

    def __init__(self) -> None:
        self.due = 0.0
        self.known: set[int] | None = None

    def tick(self, monotonic: float) -> None:
        """Look at the builds when it is time, and wake the runs whose build has ended."""
        if monotonic < self.due:
            return
        self.due = monotonic + LOOK_SECONDS
        is_first_look, before = self.known is None, self.known or set()
        self.known = set(TargetEnvironment.objects.going_on().values_list("pk", flat=True).order_by())
        if self.known:
            self.look(has_one_ended=bool(before - self.known))
        if before or self.known or is_first_look:
            wake_runs()

    def look(self, *, has_one_ended: bool) -> None:
        """Look at every build. Reading the whole rows costs five times as much as asking whether there are any."""
        for row in TargetEnvironment.objects.filter(pk__in=self.known or ()).going_on().select_related("target"):
            if is_unwanted(row):
                cancel_build(row, None)
            if not look_at(row.pk):
                nudge_again(row, at_once=has_one_ended and row.lease_token is None)
            explain(row)


def is_unwanted(row: TargetEnvironment) -> bool:
    """Return whether everybody who waited for a build has gone: it began for runs, and all of them were canceled."""
    if row.state != TargetEnvironment.State.BUILDING or row.is_wanted or row.cancel_requested_at is not None:
        return False
    runs = Run.objects.filter(environment=row)
    return (
        runs.filter(cancel_requested_at__gt=row.asked_at).exists()
        and not runs.filter(state=State.PREPARING, cancel_requested_at=None).exists()
    )


def nudge_again(row: TargetEnvironment, *, at_once: bool) -> None:
    """Ask a task worker to start a builder, unless one was asked a moment ago."""
    now = timezone.now()
    if at_once or row.nudged_at is None or row.nudged_at < now - timedelta(seconds=NUDGE_AGAIN_SECONDS):
        TargetEnvironment.objects.filter(pk=row.pk).update(nudged_at=now)
        nudge_build(row.pk)


def explain(row: TargetEnvironment) -> None:
    """Tell the runs that wait for a build how far it is."""
    deed = "pulling the image" if row.is_image else "building the environment"
    if row.state == TargetEnvironment.State.REMOVING:
        text = f"{deed}: an earlier one of its kind is being removed"
    elif row.lease_token is None and row.error:
        text = f"{deed}: {sentences(row.error, row.remedy)}"
    elif row.lease_token is None:
        text = f"{deed}: waiting for its turn on {row.target.name}"
    else:
        text = f"{deed}: {row.progress or 'starting'}, {seconds_so_far(row)} s"
    Run.objects.waiting_for_builds().filter(environment=row).exclude(wait_reason=text[:LONGEST_REASON]).update(
        wait_reason=text[:LONGEST_REASON]
    )


def wake_runs() -> None:
    """Launch the runs whose build has ended since they were nudged last. A lost nudge is repeated as a chore."""
    waiting = Run.objects.waiting_for_builds().exclude(environment__state__in=GOING_ON)
    for run_id, nudged_at, finished_at in waiting.values_list("pk", "nudged_at", "environment__finished_at"):
        if nudged_at is None or finished_at is None or nudged_at < finished_at:
            nudge_launch(run_id)
