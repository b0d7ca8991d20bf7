"""One tail of one growing log, shared by everybody who watches it in this process.

Data comes from the file only; a viewer is an offset. The newest frames are kept, so that viewers who are up to date
share one immutable message, and those who are behind read the file at their own pace. Nothing is lost or doubled.
"""

import asyncio
import os
from collections import OrderedDict
from pathlib import Path

from runs.live.frames import Frame, frame_at

TICK_SECONDS = 0.025
CLOSE_TICK_SECONDS = 0.005
CLOSE_LOOKS = 200
FRAME_PAUSE_SECONDS = 0.05
KEPT_FRAMES = 64


class Tail:
    """Watches one log file while it has viewers. `generation` grows when the script truncates its log."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor: int | None = None
        self.size = 0
        self.generation = 0
        self.is_over = False
        self.close_looks = 0
        self.viewers = 0
        self.frames: OrderedDict[int, Frame] = OrderedDict()
        self.news = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def join(self) -> None:
        """Count a viewer in; the first one starts the tail."""
        self.viewers += 1
        if self.task is None:
            self.look()
            self.task = asyncio.create_task(self.watch())

    def leave(self) -> None:
        """Count a viewer out; the last one ends the tail."""
        self.viewers -= 1
        if self.viewers == 0:
            self.close()

    def close(self) -> None:
        """Stop watching and let the file go."""
        if self.task is not None:
            self.task.cancel()
            self.task = None
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
        self.frames.clear()

    async def watch(self) -> None:
        """Look for new bytes every tick; after some were found, rest a little so that frames are not too many."""
        while True:  # noqa: ASYNC110 (a file on another machine's disk sends no events)
            await asyncio.sleep(FRAME_PAUSE_SECONDS if self.look() else self.pause_seconds())

    def expect_first_line(self) -> None:
        """Look closely for a while: the run has just come further, and people wait for its first line."""
        self.close_looks = CLOSE_LOOKS

    def pause_seconds(self) -> float:
        """Return how long to wait until the next look where this one found nothing."""
        if self.size or not self.close_looks:
            return TICK_SECONDS
        self.close_looks -= 1
        return CLOSE_TICK_SECONDS

    def look(self) -> bool:
        """See whether the file has changed; True, and viewers are woken, when it has."""
        if self.descriptor is None:
            try:
                self.descriptor = os.open(self.path, os.O_RDONLY)
            except OSError:  # not there yet; or too many files are open, and the next look may find room
                return False
        size = os.fstat(self.descriptor).st_size
        if size == self.size:
            return False
        if size < self.size:
            self.generation += 1
            self.frames.clear()
        self.size = size
        self.wake()
        return True

    def finish(self) -> None:
        """Note that the run has ended, so that nothing will follow."""
        self.look()
        self.is_over = True
        self.wake()

    def wake(self) -> None:
        """Let every waiting viewer look again."""
        news, self.news = self.news, asyncio.Event()
        news.set()

    def frame(self, offset: int) -> Frame | None:
        """Return the frame from an offset on, or None when there is nothing new."""
        if self.descriptor is None or offset >= self.size:
            return None
        kept = self.frames.get(offset)
        if kept is None:
            kept = frame_at(self.descriptor, offset, self.size, is_last=self.is_over)
            if kept is not None:
                self.frames[offset] = kept
                if len(self.frames) > KEPT_FRAMES:
                    self.frames.popitem(last=False)
        return kept


TAILS: dict[Path, Tail] = {}


def join_tail(path: Path) -> Tail:
    """Return the shared tail of a file, with one viewer more."""
    tail = TAILS.get(path)
    if tail is None:
        tail = TAILS[path] = Tail(path)
    tail.join()
    return tail


def leave_tail(tail: Tail) -> None:
    """Take one viewer from a tail, and forget it when it was the last."""
    tail.leave()
    if tail.viewers == 0:
        TAILS.pop(tail.path, None)
