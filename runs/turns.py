"""Turns of launches: those on one target never hold the last task worker, so that a slow target delays no other.

Files in the folder TURN_DIR, for each target that is not a place for plain processes of this machine:

    TARGET-NUMBER    locked while a launch has this turn; the lock goes with its process, however that ends
    TARGET-waiting   the runs for which no turn was left, one a line: the next one goes to whoever waits longest

What gets lost here costs only time: the controller nudges again.
"""

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings

from computes.models import ComputeTarget
from runs.models import Run

RUN_ID = re.compile(r"[0-9a-f]{32}")


def launch_in_turn(run_id: UUID, launch: Callable[[UUID], None], nudge: Callable[[UUID], None]) -> None:
    """Launch a run where its target has a turn left; else leave it to who has one, who nudges one that waits."""
    place = Run.objects.filter(pk=run_id).values_list("target_id", "target__kind").first()
    if place is None or place[1] == ComputeTarget.Kind.LOCAL:
        launch(run_id)
        return
    turns = Turns(settings.TURN_DIR, place[0], max(1, settings.TASK_WORKERS - 1))
    turn = turns.take()
    if turn is None:
        turns.wait(run_id)
        turn = turns.take()  # it may have become free before anybody could see who waits
    if turn is None:
        return
    try:
        launch(run_id)
    finally:
        os.close(turn)
    if (waiting := turns.next_waiting()) is not None:
        nudge(waiting)


class Turns:
    """The turns of one target."""

    def __init__(self, folder: Path, target_id: object, number: int) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.target_id = target_id
        self.number = number

    def take(self) -> int | None:
        """Return a file whose closing gives the turn back, None where no turn is left."""
        for number in range(self.number):
            file = os.open(self.folder / f"{self.target_id}-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
            else:
                return file
        return None

    def wait(self, run_id: UUID) -> None:
        """Note a run that waits for a turn; one that is noted keeps its place."""
        with self.list_of_waiting() as waiting:
            if run_id.hex not in waiting:
                waiting.append(run_id.hex)

    def next_waiting(self) -> UUID | None:
        """Return who has waited for longest, and forget it; None where nobody waits."""
        with self.list_of_waiting() as waiting:
            return UUID(waiting.pop(0)) if waiting else None

    @contextmanager
    def list_of_waiting(self) -> Iterator[list[str]]:
        """Give the list for changes, to one process at a time."""
        with open(self.folder / f"{self.target_id}-waiting", "a+", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            before = file.read().split()
            waiting = [word for word in before if RUN_ID.fullmatch(word)]  # who was killed may have written half a line
            yield waiting
            if waiting != before:
                file.truncate(0)
                file.write("".join(f"{run_id}\n" for run_id in waiting))
