"""Deeds that take longer than a task may are not begun again and again: a process of their own does them once."""

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from django_q.exceptions import TimeoutException

from computes.executors.process import ProcessExecutor
from computes.models import ComputeTarget
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.controller.admission import admit_waiting
from runs.models import Run
from runs.status import State
from runs.submission import Submission, submit_run
from runs.tasks import finish_run, launch_run
from tests.runs.test_lifecycle import follow

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(bob: User, project: Project, project_folder: Path, local_target: ComputeTarget) -> Run:
    """A run that has a slot and leaves an output."""
    (project_folder / "model.py").write_text("open('outputs/model', 'w').write('weights')\n")
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    run = submit_run(bob, project, Submission(script="model.py", target="local"))
    admit_waiting()
    return run


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the words of the processes that are begun, instead of beginning them: they have another database."""
    words: list[list[str]] = []
    run = subprocess.run

    def note(argv: list[str], **options: Any) -> object:
        if "longdeed" not in argv:
            return run(argv, **options)
        words.append(argv[argv.index("longdeed") :])
        return None

    monkeypatch.setattr(subprocess, "run", note)
    return words


def no_time(*_: object) -> Any:
    """Do what the alarm of a task does."""
    raise TimeoutException("Task exceeded maximum timeout value (60 seconds)")


def lose_lease(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def test_outputs_that_take_longer_than_a_task_may_come_home(
    run: Run, begun: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    launch_run(run.pk.hex)
    follow(run)
    with monkeypatch.context() as slow:
        slow.setattr(ProcessExecutor, "collect", no_time)
        with pytest.raises(TimeoutException):
            finish_run(run.pk.hex)
    run.refresh_from_db()
    assert (run.state, begun) == (State.FINALIZING, [["longdeed", "finish", run.pk.hex]])
    lose_lease(run)
    call_command(*begun[0])
    run.refresh_from_db()
    assert (run.state, run.outputs.get().path) == (State.COMPLETED, "model")
    assert (run.folder / "outputs" / "model").read_text() == "weights"
    assert not list(run.folder.glob("outputs.*"))


def test_code_that_takes_longer_than_a_task_may_to_be_placed_is_started(
    run: Run, begun: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as slow:
        slow.setattr(ProcessExecutor, "start", no_time)
        with pytest.raises(TimeoutException):
            launch_run(run.pk.hex)
    assert begun == [["longdeed", "launch", run.pk.hex]]
    lose_lease(run)
    call_command(*begun[0])
    follow(run)
    finish_run(run.pk.hex)
    run.refresh_from_db()
    assert run.state == State.COMPLETED
