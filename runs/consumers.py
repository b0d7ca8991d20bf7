"""The websocket of a run's page: the log by offset, the state, the metrics.

    client: {"from": BYTE, "after_metric": ID, "log": false}    all optional: from the beginning, with the log
    server: {"type": "log", "offset", "next", "data"} · {"type": "reset"} · {"type": "status", "state", …, "html"}
            {"type": "metric", "id", "name", "step", "time", "value", "text"} · {"type": "end"}

Reconnecting is the same as connecting: the client says from which byte it wants to go on. A slow browser only falls
behind, because every viewer reads at its own offset.
"""

import asyncio
import json
import logging
import time
from contextlib import suppress
from dataclasses import asdict, dataclass

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error

from runs.live.tail import Tail, join_tail, leave_tail
from runs.live.watch import WATCHMAN, RunWatch
from runs.models import Run
from runs.presentation import render_status
from runs.visitors import Visitor, visitor_of

RECHECK_SECONDS = 10
MOST_MESSAGES_PER_MINUTE = 120
LONGEST_MESSAGE = 4_096
CLOSE_NO_ACCESS = 4404
CLOSE_BAD_MESSAGE = 4400
CLOSE_OUR_FAULT = 1011
CLOSE_TOO_MANY = 4429
LARGEST_OFFSET = 2**63 - 1

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a viewer asks for: the log from a byte on, or none of it, and the metrics after one."""

    offset: int
    after_metric: int
    wants_log: bool


class RunConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One viewer of one run."""

    visitor: Visitor
    tasks: list[asyncio.Task[None]]
    received: list[float]

    async def connect(self) -> None:
        """Let in whoever may watch this run; everybody else is refused before the handshake."""
        self.tasks, self.received = [], []
        visitor = await database_sync_to_async(visitor_of)(self.scope)
        if visitor is None:
            await self.close(CLOSE_NO_ACCESS)
            return
        self.visitor = visitor
        await self.accept()
        self.recheck = asyncio.create_task(self.check_again())

    async def disconnect(self, code: int) -> None:
        """Stop everything that was begun for this viewer."""
        if hasattr(self, "recheck"):
            self.recheck.cancel()
        await self.stop_pumps()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Begin, or begin again, at the byte that the client names."""
        now = time.monotonic()
        self.received = [*(moment for moment in self.received if moment > now - 60), now]
        if len(self.received) > MOST_MESSAGES_PER_MINUTE:
            await self.close(CLOSE_TOO_MANY)
            return
        wish = wish_in(text_data)
        if wish is None:
            await self.close(CLOSE_BAD_MESSAGE)
            return
        await self.stop_pumps()
        self.tasks = [asyncio.create_task(self.show(wish))]

    async def stop_pumps(self) -> None:
        """End what is being sent."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks = []

    async def check_again(self) -> None:
        """Ask again and again whether this viewer may still watch; close the socket when not."""
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                visitor = await database_sync_to_async(visitor_of)(self.scope)
            except Error as error:
                log.warning("Who watches run %s is asked again later: %s", self.visitor.run.pk, error)
                continue
            if visitor is None or visitor.sees_log != self.visitor.sees_log:
                with suppress(OSError):  # the viewer may have left by himself
                    await self.close(CLOSE_NO_ACCESS)
                return

    async def show(self, wish: Wish) -> None:
        """Send all that there is and all that comes, until the run is over."""
        watch: RunWatch | None = None
        tail: Tail | None = None
        try:
            watch = await WATCHMAN.join(self.visitor.run.pk)
            tail = join_tail(self.visitor.run.folder / "log")
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self.show_news(watch, tail, wish.after_metric))
                if wish.wants_log and self.visitor.sees_log:
                    pumps.create_task(self.show_log(tail, wish.offset))
            await self.send(json.dumps({"type": "end"}))
            await self.close(1000)
        except* OSError:
            log.debug("A viewer of run %s went away", self.visitor.run.pk)
        except* Exception:
            log.exception("Run %s cannot be shown live; its viewer has to connect again", self.visitor.run.pk)
            await self.close(CLOSE_OUR_FAULT)
        finally:
            if tail is not None:
                leave_tail(tail)
            if watch is not None:
                WATCHMAN.leave(watch)

    async def show_log(self, tail: Tail, offset: int) -> None:
        """Send the log from an offset on; a log that shrank begins anew."""
        generation = tail.generation
        if offset > tail.size:
            offset, generation = 0, -1
        while True:
            news, is_over = tail.news, tail.is_over
            if generation != tail.generation:
                offset, generation = 0, tail.generation
                await self.send(json.dumps({"type": "reset"}))
            elif (frame := tail.frame(offset)) is not None:
                await self.send(frame.message)
                offset = frame.next
            elif is_over:
                return
            else:
                await news.wait()

    async def show_news(self, watch: RunWatch, tail: Tail, after_metric: int) -> None:
        """Send the state whenever it changes, and the metrics as they come."""
        shown = None
        while True:
            news, is_over = watch.news, watch.is_over
            if shown != (watch.version, is_over):  # an end may be seen before the event that tells of it
                shown = (watch.version, is_over)
                tail.expect_first_line()
                await self.send(json.dumps(await database_sync_to_async(status_message)(self.visitor)))
            for point in [point for point in watch.points if point.id > after_metric]:
                await self.send(json.dumps({"type": "metric", **asdict(point)}))
                after_metric = point.id
            if is_over:
                tail.finish()
                return
            await news.wait()


class NoConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Refuses addresses that are none of ours, in the same way as runs that may not be seen."""

    async def connect(self) -> None:
        """Refuse before the handshake."""
        await self.close(CLOSE_NO_ACCESS)


def wish_in(text: str | None) -> Wish | None:
    """Return what a message asks for, or None for anything that is not one of our messages."""
    if text is None or len(text) > LONGEST_MESSAGE:
        return None
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    offset, after_metric = (message.get(name, 0) for name in ("from", "after_metric"))
    wants_log = message.get("log", True)
    if not (is_place(offset) and is_place(after_metric) and isinstance(wants_log, bool)):
        return None
    return Wish(offset, after_metric, wants_log)


def is_place(value: object) -> bool:
    """Return whether a value is a whole number from 0 to what the database can hold."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_OFFSET


def status_message(visitor: Visitor) -> dict[str, str]:
    """Return the state with the very partial that the page was made with."""
    run: Run = Run.objects.select_related("project", "target", "created_by", "cancel_requested_by").get(
        pk=visitor.run.pk
    )
    html = render_status(run, user=visitor.user, share=visitor.share)
    return {"type": "status", "state": run.state, "reason": run.reason, "html": html}
