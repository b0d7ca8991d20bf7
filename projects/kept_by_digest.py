"""A small memory for what is worked out from a snapshot: it is frozen, so the answer to its digest never changes."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from projects.models import Snapshot
from projects.stores import blob_store

Answer = TypeVar("Answer")


class KeptByDigest(Generic[Answer]):
    """Works an answer out at the first question and keeps the answers that were asked for last."""

    def __init__(self, work_out: Callable[[Snapshot], Answer], most: int) -> None:
        self._work_out = work_out
        self._most = most
        self._kept: OrderedDict[tuple[Path, str], Answer] = OrderedDict()
        self._lock = Lock()

    def __call__(self, snapshot: Snapshot) -> Answer:
        """Return the answer for a snapshot. Raises what working it out raises."""
        key = (blob_store().root, snapshot.digest)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        answer = self._work_out(snapshot)
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return answer
