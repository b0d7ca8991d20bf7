"""A run's way as a strip of phases, each with how long it took: what the run page shows beneath its head."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from runs.models import Run
from runs.status import TERMINAL, State

WAY = (State.QUEUED, State.PREPARING, State.RUNNING, State.FINALIZING)
DONE, NOW, AHEAD, SKIPPED = "done", "now", "ahead", "skipped"


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase: its state's word, how it stands ("done", "now", "ahead", "skipped" or the end's own word), and how
    long it took; `since` is set while it still grows, `name` where it is not called like its state."""

    state: str
    standing: str
    duration: timedelta | None = None
    since: datetime | None = None
    name: str = ""

    @property
    def words(self) -> str:
        """Return what the phase is called."""
        return self.name or self.state

    @property
    def standing_in_words(self) -> str:
        """Return for screen readers how the phase stands."""
        words = {DONE: "done", NOW: "now", AHEAD: "not yet", SKIPPED: "not reached"}
        return words.get(self.standing, self.standing)


def phases_of(run: Run) -> list[Phase]:
    """Return the phases of a run in order: the way, then its end (foreseen as completed while it is on)."""
    entered: list[datetime | None] = [run.queued_at, run.preparing_at, run.running_at, run.finalizing_at]
    now = timezone.now()
    phases = []
    for place, (state, start) in enumerate(zip(WAY, entered, strict=True)):
        if start is None:
            phases.append(Phase(state, SKIPPED if run.is_finished else AHEAD))
            continue
        end = next((moment for moment in entered[place + 1 :] if moment), None) or run.finished_at
        is_now = run.state == state
        is_last = run.is_finished and run.finalizing_at is None and not any(entered[place + 1 :])
        duration = max((end or now) - start, timedelta(0))
        standing = NOW if is_now else str(run.state) if is_last else DONE
        name = "waiting" if is_now and run.waits_on_cluster else ""
        phases.append(Phase(state, standing, duration, start if is_now else None, name))
    if run.state in TERMINAL:
        total = max((run.finished_at or now) - run.queued_at, timedelta(0))
        return [*phases, Phase(run.state, run.state, total)]
    return [*phases, Phase(State.COMPLETED, AHEAD)]
