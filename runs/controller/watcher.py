"""Watching the runs of one target, in a thread of its own, so that a slow target delays no other."""

import logging
import threading
import time
from uuid import UUID

from django.db import Error, connection, transaction

from computes.contract import Condition, RunFolderStatus
from computes.errors import TargetError, TargetUnreachable
from computes.target_settings import way_to
from runs.contact import loss_by_silence, note_answer, note_unknown
from runs.controller.pace import Pace
from runs.events import record
from runs.execution_requests import address_of, executor_of
from runs.following import Follower
from runs.models import Run
from runs.status import FailureReason, State
from runs.tasks import nudge_clean_up, nudge_finish
from runs.transitions import move

REST_SECONDS = 5.0
PAUSE_SECONDS = 5.0
BROKEN_OFF_SECONDS = 0.5

log = logging.getLogger(__name__)


class TargetWatcher(threading.Thread):
    """Looks at every running run of a target several times a second, at the pace of `runs.controller.pace`, and ends
    when none is left. `look_now` is heard while it rests.
    """

    def __init__(self, target_id: int, stopping: threading.Event) -> None:
        super().__init__(name=f"watcher of target {target_id}", daemon=True)
        self.target_id = target_id
        self.stopping = stopping
        self.woken = threading.Event()
        self.followers: dict[UUID, Follower] = {}
        self.ways: dict[UUID, tuple[object, ...]] = {}
        self.rests: dict[UUID, tuple[int, float]] = {}
        self.paused_until: dict[UUID, float] = {}
        self.pace = Pace()

    def run(self) -> None:
        """Watch until nothing runs there or the controller stops."""
        try:
            while not self.stopping.is_set() and self.look():
                self.woken.wait(self.pace.seconds())
                self.woken.clear()
        except Error as error:
            log.warning("The watcher of target %s lost the database: %s", self.target_id, error)
        finally:
            connection.close()

    def look_now(self) -> None:
        """Let the next look come at once: another run may have begun, or the controller stops."""
        self.woken.set()

    def look(self) -> bool:
        """Look once at every running run; False when there is none."""
        running = Run.objects.filter(state=State.RUNNING, target_id=self.target_id).select_related("project", "target")
        runs = {run.pk: run for run in running}
        for kept in (self.followers, self.ways, self.rests, self.paused_until):
            for gone in kept.keys() - runs.keys():
                kept.pop(gone)
        self.pace.keep_only(runs)
        for run in runs.values():
            if self.paused_until.get(run.pk, 0) > time.monotonic():
                continue
            self.pace.begin_look(run.pk)
            try:
                self.follow(run)
            except Error:
                raise
            except TargetUnreachable as error:
                self.pause(run, error, BROKEN_OFF_SECONDS)
            except (TargetError, OSError) as error:
                self.pause(run, error)
            except Exception as error:
                log.exception("Run %s could not be followed", run.pk)
                self.pause(run, error)
        return bool(runs)

    def pause(self, run: Run, error: Exception, seconds: float = PAUSE_SECONDS) -> None:
        """Leave a run alone for a while after trouble with it."""
        log.warning("Run %s is looked at again in %s s: %s", run.pk, seconds, error)
        self.paused_until[run.pk] = time.monotonic() + seconds
        self.pace.end_first_looks(run.pk)

    def follow(self, run: Run) -> None:
        """Bring home what is new of a run, and see whether it has ended."""
        follower = self.follower_of(run)
        status = follower.executor.poll(follower.address)
        if status.condition in (Condition.UNREACHABLE, Condition.ABSENT):
            self.bear_silence(run, status)
            return
        note_answer(run)
        self.pace.note(run.pk, status)
        if not status.supervised and run.is_supervised:
            Run.objects.filter(pk=run.pk).update(is_supervised=False)
            record(run, "contact", "The supervisor was killed; the script lives on, but its exit code will be unknown.")
        has_ended = status.condition in (Condition.EXITED, Condition.LOST)
        follower.advance(status, is_final=has_ended)
        if run.log_is_linked or status.log_bytes or has_ended:
            self.pace.end_first_looks(run.pk)
        if has_ended and self.is_over(run, follower, status):
            with transaction.atomic():
                if move(run, State.FINALIZING, text="the script has ended"):
                    nudge_finish(run.pk)

    def follower_of(self, run: Run) -> Follower:
        """Return who follows a run: somebody new where the way to its target has changed, so that an approved key and
        a new login count at once."""
        way = way_to(run.target)
        if run.pk not in self.followers or self.ways[run.pk] != way:
            self.followers[run.pk] = Follower(run, executor_of(run), address_of(run))
            self.ways[run.pk] = way
        follower = self.followers[run.pk]
        follower.run = run
        return follower

    def is_over(self, run: Run, follower: Follower, status: RunFolderStatus) -> bool:
        """Return whether the log is here as a whole; without an exit record, when its size has rested for a while."""
        if status.exit is not None and follower.is_complete(status):
            return True
        size, since = self.rests.get(run.pk, (-1, 0.0))
        if size != status.log_bytes:
            self.rests[run.pk] = (status.log_bytes, time.monotonic())
            return False
        return time.monotonic() - since >= REST_SECONDS

    def bear_silence(self, run: Run, status: RunFolderStatus) -> None:
        """Note that a target is silent, or knows nothing of a run that it started, which is no evidence of an end: its
        runs are presumed alive until its `lost_after_seconds` have passed."""
        note_unknown(run, status)
        if detail := loss_by_silence(run, status):
            changes = {"reason": FailureReason.TARGET_LOST, "reason_detail": detail}
            with transaction.atomic():
                if move(run, State.FAILED, before=State.RUNNING, text=detail, changes=changes):
                    nudge_clean_up(run.pk)
