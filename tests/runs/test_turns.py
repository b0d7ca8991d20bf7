"""Launches on one target leave a task worker for the others, and whoever waits for a turn gets it."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from computes.models import ComputeTarget
from projects.models import Project
from runs.models import Run
from runs.turns import Turns, launch_in_turn
from tests.computes.django.run_rows import add_run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slow(local_target: ComputeTarget, settings: Settings) -> ComputeTarget:
    """A target that is reached over a network."""
    settings.TASK_WORKERS = 2
    local_target.kind = ComputeTarget.Kind.REMOTE
    local_target.save()
    return local_target


@pytest.fixture
def runs(slow: ComputeTarget, project: Project) -> list[Run]:
    return [add_run(project, slow, number) for number in range(1, 5)]


class Desk:
    """Launches that end when they are let go, and the nudges that follow."""

    def __init__(self) -> None:
        self.launched: list[UUID] = []
        self.nudged: list[UUID] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def hang(self, run_id: UUID) -> None:
        self.launched.append(run_id)
        self.begun.set()
        assert self.go.wait(20)

    def launch(self, run_id: UUID) -> None:
        self.launched.append(run_id)

    def hanging(self, run_id: UUID) -> threading.Thread:
        thread = threading.Thread(target=launch_in_turn, args=(run_id, self.hang, self.nudged.append))
        thread.start()
        assert self.begun.wait(20)
        return thread

    def take_turn(self, run_id: UUID) -> None:
        launch_in_turn(run_id, self.launch, self.nudged.append)


def test_a_second_launch_does_not_wait_and_is_nudged_when_the_first_is_over(runs: list[Run]) -> None:
    desk = Desk()
    thread = desk.hanging(runs[0].pk)
    for run in (*runs[1:], runs[1]):  # a nudge may come twice
        desk.take_turn(run.pk)
    assert desk.launched == [runs[0].pk]
    desk.go.set()
    thread.join(20)
    assert desk.nudged == [runs[1].pk]
    for run in runs[1:]:
        desk.take_turn(run.pk)
    assert desk.launched == [run.pk for run in runs]
    assert desk.nudged == [run.pk for run in runs[1:]]


def test_half_a_line_in_the_list_of_those_who_wait_is_nobody(
    runs: list[Run], slow: ComputeTarget, settings: Settings
) -> None:
    settings.TURN_DIR.mkdir(parents=True)
    (settings.TURN_DIR / f"{slow.pk}-waiting").write_text(f"{runs[0].pk.hex[:7]}\n{runs[1].pk.hex}\n")
    desk = Desk()
    desk.take_turn(runs[2].pk)
    assert (desk.launched, desk.nudged) == ([runs[2].pk], [runs[1].pk])


def test_a_launch_that_fails_gives_its_turn_back(runs: list[Run]) -> None:
    def fail(run_id: UUID) -> None:
        raise RuntimeError("broken")

    desk = Desk()
    with pytest.raises(RuntimeError, match="broken"):
        launch_in_turn(runs[0].pk, fail, desk.nudged.append)
    desk.take_turn(runs[1].pk)
    assert desk.launched == [runs[1].pk]


@pytest.mark.parametrize(("workers", "turns"), [(1, 1), (2, 1), (4, 3)])
def test_all_workers_but_one_may_be_at_a_target(runs: list[Run], settings: Settings, workers: int, turns: int) -> None:
    settings.TASK_WORKERS = workers
    desk = Desk()

    def nested(run_id: UUID) -> None:
        desk.launched.append(run_id)
        rest = [run for run in runs if run.pk not in desk.launched]
        if len(desk.launched) <= turns:
            launch_in_turn(rest[0].pk, nested, desk.nudged.append)

    launch_in_turn(runs[0].pk, nested, desk.nudged.append)
    assert len(desk.launched) == turns


def test_another_target_and_plain_processes_of_this_machine_do_not_wait(
    runs: list[Run], slow: ComputeTarget, project: Project, ada: User
) -> None:
    other = ComputeTarget.objects.create(name="other", kind=ComputeTarget.Kind.REMOTE_DOCKER, created_by=ada)
    here = ComputeTarget.objects.create(name="here", kind=ComputeTarget.Kind.LOCAL, created_by=ada)
    free = [add_run(project, target, number).pk for number, target in enumerate((other, here, here), 10)]
    desk = Desk()
    thread = desk.hanging(runs[0].pk)
    for run_id in free:
        desk.take_turn(run_id)
    desk.go.set()
    thread.join(20)
    assert desk.launched == [runs[0].pk, *free]


def test_a_turn_whose_process_is_killed_is_free(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from runs.turns import Turns\n"
        "turn = Turns(Path(sys.argv[1]), 'there', 1).take(); print(turn, flush=True); time.sleep(60)\n"
    )
    setup = f"import django; django.setup()\n{program}"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", setup, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip().isdecimal()
        turns = Turns(tmp_path, "there", 1)
        assert turns.take() is None
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        turn = turns.take()
        assert turn is not None
        os.close(turn)


def test_who_waits_keeps_the_place(tmp_path: Path) -> None:
    turns, ids = Turns(tmp_path, "there", 1), [uuid4() for _ in range(3)]
    for run_id in (*ids, ids[0]):
        turns.wait(run_id)
    assert [turns.next_waiting() for _ in range(4)] == [*ids, None]
