"""How often the runs of one target are looked at: closely while a first line is waited for, less often in silence."""

import time
from collections.abc import Container
from dataclasses import dataclass, field
from uuid import UUID

from computes.contract import RunFolderStatus

TICK_SECONDS = 0.05
FIRST_TICK_SECONDS = 0.01
FIRST_LOOKS = 30
SHARE_OF_SILENCE = 20
LONGEST_TICK_SECONDS = 0.2

Sizes = tuple[int, int, int]


@dataclass
class RunPace:
    """What is known of one run: how many first looks it has had, how much it has written, and since when no more."""

    first_looks: int = 0
    sizes: Sizes = (0, 0, 0)
    since: float = field(default_factory=time.monotonic)

    def seconds(self, now: float) -> float:
        """Return how long this run may be left alone."""
        if self.first_looks < FIRST_LOOKS:
            return FIRST_TICK_SECONDS
        return min(max((now - self.since) / SHARE_OF_SILENCE, TICK_SECONDS), LONGEST_TICK_SECONDS)


class Pace:
    """The pace of a watcher: that of the run which can wait least.

    What a run has just written is often followed by more, so a run that was silent for a second is looked at 20 times
    a second, and one that was silent for four seconds or longer 5 times.
    """

    def __init__(self) -> None:
        self.runs: dict[UUID, RunPace] = {}

    def keep_only(self, running: Container[UUID]) -> None:
        """Forget the runs that do not run any more."""
        self.runs = {run_id: pace for run_id, pace in self.runs.items() if run_id in running}

    def begin_look(self, run_id: UUID) -> None:
        """Count a look at a run."""
        self.runs.setdefault(run_id, RunPace()).first_looks += 1

    def end_first_looks(self, run_id: UUID) -> None:
        """Nobody waits for the first line of a run any more."""
        self.runs.setdefault(run_id, RunPace()).first_looks = FIRST_LOOKS

    def note(self, run_id: UUID, status: RunFolderStatus) -> None:
        """Note how much a run has written."""
        pace = self.runs.setdefault(run_id, RunPace())
        sizes = (status.log_bytes, status.system_bytes, status.metrics_bytes)
        if sizes != pace.sizes:
            pace.sizes, pace.since = sizes, time.monotonic()

    def seconds(self) -> float:
        """Return how long to wait until the next look."""
        now = time.monotonic()
        return min((pace.seconds(now) for pace in self.runs.values()), default=TICK_SECONDS)
