"""The controller's loop: admit, watch, mend; awake at once on a hint, otherwise every 500 ms.

Every change of a state sends a hint, so a slot that falls free is filled at once; watchers have a pace of their own.
"""

import logging
import random
import threading
import time

from django.db import Error, connection

from runs.controller.admission import admit_waiting, explain_waiting
from runs.controller.builds import BuildWatch
from runs.controller.chores import Chores
from runs.controller.post import Post
from runs.controller.watcher import TargetWatcher
from runs.models import Run
from runs.status import State
from runs.wake import CONTROLLER, HintReceiver

IDLE_SECONDS = 0.5
EXPLAIN_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 10.0

log = logging.getLogger(__name__)


class Controller:
    """Owns the runs of this installation while it holds the post."""

    def __init__(self) -> None:
        self.post = Post()
        self.chores = Chores()
        self.builds = BuildWatch()
        self.stopping = threading.Event()
        self.watchers: dict[int, TargetWatcher] = {}
        self.receiver = HintReceiver(CONTROLLER)
        self.explained = 0.0

    def run(self) -> None:
        """Work until `stop` is called. A database that is gone is waited for with a growing pause."""
        pause = IDLE_SECONDS
        while not self.stopping.is_set():
            try:
                wait = self.look()
                pause = IDLE_SECONDS
            except Error as error:
                log.warning("The database does not answer: %s", error)
                connection.close()
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                wait = pause * random.uniform(0.5, 1.0)  # noqa: S311 (a jitter, no secret)
            self.receiver.wait(wait)
        self.leave()

    def look(self) -> float:
        """Look once and return how long to wait for a hint before the next look, in seconds."""
        now = time.monotonic()
        if not self.post.hold(now):
            return IDLE_SECONDS
        active = Run.objects.filter(state__in=(State.QUEUED, State.RUNNING))
        states = set(active.values_list("state", "target_id").distinct().order_by())
        if any(state == State.QUEUED for state, _ in states):
            admit_waiting()
            if now - self.explained >= EXPLAIN_SECONDS:
                explain_waiting()
                self.explained = now
        self.watch({target_id for state, target_id in states if state == State.RUNNING})
        self.builds.tick(now)
        self.chores.tick(now)
        return IDLE_SECONDS

    def watch(self, target_ids: set[int]) -> None:
        """Keep a watcher on every target where something runs, and let all of them look: a hint may be theirs."""
        self.watchers = {target_id: watcher for target_id, watcher in self.watchers.items() if watcher.is_alive()}
        for target_id in target_ids - self.watchers.keys():
            self.watchers[target_id] = TargetWatcher(target_id, self.stopping)
            self.watchers[target_id].start()
        for watcher in self.watchers.values():
            watcher.look_now()

    def stop(self) -> None:
        """Ask for the end of the loop; runs go on without it."""
        self.stopping.set()

    def leave(self) -> None:
        """Wait for the watchers and give back the post."""
        for watcher in self.watchers.values():
            watcher.look_now()
            watcher.join(timeout=5)
        try:
            self.post.give_back()
        except Error as error:
            log.warning("The post could not be given back; it falls free by itself: %s", error)
        self.receiver.close()
        connection.close()
