"""How often runs are looked at."""

import time
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest

from computes.contract import Condition, RunFolderStatus
from runs.controller import pace as pace_module
from runs.controller.pace import FIRST_LOOKS, FIRST_TICK_SECONDS, LONGEST_TICK_SECONDS, TICK_SECONDS, Pace
from runs.controller.watcher import TargetWatcher
from runs.live.tail import CLOSE_LOOKS, CLOSE_TICK_SECONDS, Tail
from runs.live.tail import TICK_SECONDS as TAIL_TICK_SECONDS
from tests.computes.on_targets import wait_for


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the pace alone: event loops in other threads would sleep until theirs has caught up."""
    clock = Clock()
    monkeypatch.setattr(pace_module, "time", clock)
    return clock


def status(log_bytes: int) -> RunFolderStatus:
    """A look at a run that has written so much."""
    return RunFolderStatus(Condition.ALIVE, log_bytes=log_bytes)


def past_its_first_line(pace: Pace, log_bytes: int = 1) -> object:
    """A run whose first line has come just now."""
    run_id = uuid4()
    pace.begin_look(run_id)
    pace.note(run_id, status(log_bytes))
    pace.end_first_looks(run_id)
    return run_id


def test_a_silent_run_is_looked_at_less_often_and_one_that_writes_again_at_once(clock: Clock) -> None:
    pace = Pace()
    run_id = past_its_first_line(pace)
    assert pace.seconds() == TICK_SECONDS
    clock.now += 2
    assert pace.seconds() == pytest.approx(0.1)
    pace.note(run_id, status(1))
    assert pace.seconds() == pytest.approx(0.1), "nothing new"
    clock.now += 3600
    assert pace.seconds() == LONGEST_TICK_SECONDS
    pace.note(run_id, status(2))
    assert pace.seconds() == TICK_SECONDS


def test_the_run_that_can_wait_least_gives_the_pace(clock: Clock) -> None:
    pace = Pace()
    silent = past_its_first_line(pace)
    clock.now += 60
    new = uuid4()
    for _ in range(FIRST_LOOKS - 1):
        pace.begin_look(new)
        assert pace.seconds() == FIRST_TICK_SECONDS
    pace.begin_look(new)
    assert pace.seconds() == TICK_SECONDS
    pace.keep_only({silent})
    assert pace.seconds() == LONGEST_TICK_SECONDS


def test_a_watcher_that_rests_hears_that_it_is_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    stopping = Event()
    watcher = TargetWatcher(0, stopping)
    monkeypatch.setattr(watcher, "look", lambda: looks.append(time.monotonic()) or True)
    monkeypatch.setattr(watcher.pace, "seconds", lambda: 3600)
    watcher.start()
    for count in (1, 2, 3):
        wait_for(lambda count=count: len(looks) == count, "a look")
        watcher.look_now()
    wait_for(lambda: len(looks) == 4, "the last look")
    stopping.set()
    watcher.look_now()
    watcher.join(30)
    assert not watcher.is_alive()


def test_a_log_without_a_first_line_is_looked_at_closely_for_a_while(tmp_path: Path) -> None:
    path = tmp_path / "log"
    tail = Tail(path)
    assert tail.pause_seconds() == TAIL_TICK_SECONDS, "nothing has happened to the run"
    tail.expect_first_line()
    pauses = [tail.pause_seconds() for _ in range(CLOSE_LOOKS + 1)]
    assert pauses == [CLOSE_TICK_SECONDS] * CLOSE_LOOKS + [TAIL_TICK_SECONDS]
    tail.expect_first_line()
    path.write_text("first\n")
    assert tail.look()
    assert tail.pause_seconds() == TAIL_TICK_SECONDS, "the first line is there"
    tail.close()
