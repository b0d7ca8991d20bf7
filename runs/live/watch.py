"""What changes about watched runs besides their logs: states and metrics, looked up once for all viewers."""

import asyncio
import logging
from dataclasses import dataclass, field
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import Error
from django.db.models import Max

from runs.models import MetricPoint, Run, RunEvent
from runs.status import TERMINAL

TICK_SECONDS = 0.1
METRICS_EVERY_TICKS = 3
LONGEST_PAUSE_SECONDS = 5.0
MOST_POINTS = 2_000

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Point:
    """One metric point as it is sent."""

    id: int
    name: str
    step: int
    time: float
    value: float | None
    text: str


@dataclass(eq=False, slots=True)
class RunWatch:
    """What is known of one watched run. `news` is replaced at each change, so waiters see every one."""

    run_id: UUID
    version: int = 0
    is_over: bool = False
    last_point: int = 0
    points: list[Point] = field(default_factory=list)
    viewers: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Let every waiting viewer look again."""
        news, self.news = self.news, asyncio.Event()
        news.set()


class Watchman:
    """Asks the database for news of all watched runs, every 100 ms while anyone watches."""

    def __init__(self) -> None:
        self.watches: dict[UUID, RunWatch] = {}
        self.task: asyncio.Task[None] | None = None

    async def join(self, run_id: UUID) -> RunWatch:
        """Return the shared watch of a run, with one viewer more and its present state looked up."""
        watch = self.watches.get(run_id)
        if watch is None:
            watch = self.watches[run_id] = RunWatch(run_id)
        watch.viewers += 1
        try:
            if watch.viewers == 1:
                await self.look([watch], with_metrics=True)
        except BaseException:  # the viewer has left, or the database does not answer
            self.leave(watch)
            raise
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self.patrol())
        return watch

    def leave(self, watch: RunWatch) -> None:
        """Take one viewer from a watch, and forget it when it was the last."""
        watch.viewers -= 1
        if watch.viewers == 0 and self.watches.get(watch.run_id) is watch:
            del self.watches[watch.run_id]

    async def patrol(self) -> None:
        """Look for news until nobody watches; a database that is gone is asked again after a growing pause."""
        tick, pause = 0, TICK_SECONDS
        while self.watches:
            try:
                open_watches = [watch for watch in self.watches.values() if not watch.is_over]
                if open_watches:
                    await self.look(open_watches, with_metrics=tick % METRICS_EVERY_TICKS == 0)
                pause = TICK_SECONDS
            except Error as error:
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                log.warning("The database does not answer: %s", error)
            tick += 1
            await asyncio.sleep(pause)

    async def look(self, watches: list[RunWatch], *, with_metrics: bool) -> None:
        """Bring some watches up to date, and wake those who wait on a watch that changed."""
        wanted = [(watch.run_id, watch.last_point) for watch in watches]
        versions, points = await lookup(wanted, with_metrics)
        if not with_metrics and any(is_over for _, is_over in versions.values()):
            versions, points = await lookup(wanted, True)  # nobody looks again once a run is over
        for watch in watches:
            version, is_over = versions.get(watch.run_id, (watch.version, watch.is_over))
            # Two looks may overlap, a viewer's first and the patrol's: both then bring the same points.
            fresh = [point for point in points.get(watch.run_id, []) if point.id > watch.last_point]
            if version != watch.version or is_over != watch.is_over or fresh:
                watch.version, watch.is_over = version, is_over
                if fresh:
                    watch.points = [*watch.points, *fresh][-MOST_POINTS:]
                    watch.last_point = fresh[-1].id
                watch.wake()


@database_sync_to_async  # type: ignore[untyped-decorator]
def lookup(
    wanted: list[tuple[UUID, int]], with_metrics: bool
) -> tuple[dict[UUID, tuple[int, bool]], dict[UUID, list[Point]]]:
    """Return for each run a number that grows with its events and with what a cluster says of it, whether it has ended,
    and its metric points after an id.

    Events are asked for by run, not by a global id: on PostgreSQL ids may become visible out of order.
    """
    ids = [run_id for run_id, _ in wanted]
    events = dict(RunEvent.objects.filter(run__in=ids).order_by().values_list("run").annotate(Max("id")))
    states = Run.objects.filter(pk__in=ids).values_list("pk", "state", "application_version")
    versions = {run_id: (events.get(run_id, 0) + news, state in TERMINAL) for run_id, state, news in states}
    points: dict[UUID, list[Point]] = {}
    for run_id, after in wanted if with_metrics else ():
        rows = MetricPoint.objects.filter(run=run_id, pk__gt=after).order_by("pk")
        found = rows.values_list("pk", "name", "step", "time", "value", "text")
        newest = list(found[:MOST_POINTS]) if after else list(found.reverse()[:MOST_POINTS])[::-1]
        points[run_id] = [Point(*row) for row in newest]
    return versions, points


WATCHMAN = Watchman()
