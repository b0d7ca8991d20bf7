"""What the controller looks after now and then: lost nudges, leftovers, and signs of life of the workers."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django_q.models import Failure

from computes.cache_cleaning import targets_with_caches
from computes.models.target_environment import GOING_ON
from computes.tasks import nudge_cache_cleaning, nudge_caches_of
from runs import tasks
from runs.controller.script_actions import go_on_with_script_actions
from runs.controller.silent_targets import SilentTargets
from runs.controller.target_checks import TargetChecks
from runs.models import Heartbeat, Run
from runs.status import State

NUDGE_AGAIN_SECONDS = 5
NUDGE_SILENT_AGAIN_SECONDS = 60
SILENT_SECONDS = 60
CLEAN_SECONDS = 10
CLEAN_AGAIN_SECONDS = 30
CANARY_SECONDS = 20
PRUNE_SECONDS = 3600
KEEP_FAILURES_DAYS = 7
MOST_AT_ONCE = 200


class Chores:
    """Each chore at its own pace; times are by the monotonic clock."""

    def __init__(self) -> None:
        chores = (
            self.repeat_nudges,
            self.ask_workers,
            self.repeat_clean_ups,
            self.prune,
            self.clean_caches,
            go_on_with_script_actions,
            TargetChecks(),
        )
        self.due: dict[Callable[[], float], float] = dict.fromkeys(chores, 0.0)
        self.silent_targets = SilentTargets()

    def tick(self, monotonic: float) -> None:
        """Do what is due."""
        for chore, due in self.due.items():
            if monotonic >= due:
                self.due[chore] = monotonic + chore()

    def repeat_nudges(self) -> float:
        """Nudge again where a nudge got lost or a worker died at the deed. While no worker gives a sign of life, nudges
        pile up in the queue unheard, so they are repeated at a slower pace. Where no run is on, a question says so."""
        if not Run.objects.active().exists():
            return 1.0
        now = timezone.now()
        are_silent = Heartbeat.objects.filter(name=tasks.WORKERS, beat_at__lt=now - timedelta(seconds=SILENT_SECONDS))
        pace = NUDGE_SILENT_AGAIN_SECONDS if are_silent.exists() else NUDGE_AGAIN_SECONDS
        lost = Q(nudged_at=None) | Q(nudged_at__lt=now - timedelta(seconds=pace))
        idle = Q(lease_token=None) | Q(lease_expires_at__lt=now)
        waiting = Run.objects.filter(lost & idle).exclude(environment_hash="", environment__state__in=GOING_ON)
        launches = Q(state=State.QUEUED, admitted_at__isnull=False) | Q(state=State.PREPARING)
        cancelled = Q(cancel_requested_at__isnull=False)
        self.nudge(waiting.filter(launches).exclude(Q(state=State.QUEUED) & cancelled), tasks.nudge_launch)
        self.nudge(waiting.filter(state=State.FINALIZING), tasks.nudge_finish)
        stops = Q(state__in=(State.QUEUED, State.PREPARING, State.RUNNING))
        to_stop = Run.objects.filter(lost & stops & cancelled)
        for run_id in to_stop.before_their_start().values_list("pk", flat=True)[:MOST_AT_ONCE]:
            tasks.nudge_stop(run_id)  # no target is asked for it
        self.nudge(to_stop, tasks.nudge_stop)
        return 1.0

    def nudge(self, runs: "QuerySet[Run]", again: Callable[[UUID], None]) -> None:
        """Nudge each of some runs; on targets that are silent only one now and then."""
        for run_id in self.silent_targets.turns(runs, MOST_AT_ONCE):
            again(run_id)

    def repeat_clean_ups(self) -> float:
        """Ask again for the clean-up of ended runs of which something is left on the target."""
        old = timezone.now() - timedelta(seconds=CLEAN_AGAIN_SECONDS)
        left = Run.objects.to_clean_up().filter(finished_at__lt=old)
        self.nudge(left.filter(Q(nudged_at=None) | Q(nudged_at__lt=old)), tasks.nudge_clean_up)
        return float(CLEAN_SECONDS)

    def ask_workers(self) -> float:
        """Send the canary task, whose answer `/readyz` and the watchdog look for."""
        tasks.send_canary()
        return float(CANARY_SECONDS)

    def clean_caches(self) -> float:
        """Have the server's cache of packages cleaned, and the caches on targets."""
        nudge_cache_cleaning()
        for target in targets_with_caches():
            nudge_caches_of(target.pk)
        return float(PRUNE_SECONDS)

    def prune(self) -> float:
        """Forget failed tasks of the queue after a week; successes are not kept at all."""
        old = timezone.now() - timedelta(days=KEEP_FAILURES_DAYS)
        Failure.objects.filter(stopped__lt=old).delete()
        return float(PRUNE_SECONDS)
