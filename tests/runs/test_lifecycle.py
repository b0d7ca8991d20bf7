"""A run's way through the house, deed by deed, with real processes."""

import json
import os
import signal
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from computes.contract import Condition
from computes.models import ComputeTarget
from computes.tasks import errors_of_the_queue
from projects.models import Project
from projects.snapshots import take_snapshot
from runs import tasks
from runs.cancellation import request_cancel
from runs.controller.admission import admit_waiting, explain_waiting
from runs.controller.watcher import TargetWatcher
from runs.copying import sidecar_of
from runs.execution_requests import address_of, executor_of
from runs.lifecycle.ending import clean_up
from runs.lifecycle.finish import finish
from runs.lifecycle.launch import launch
from runs.lifecycle.stop import stop
from runs.models import Run, RunEvent
from runs.status import State
from runs.submission import Submission, SubmissionRefused, rerun, submit_run
from tests.computes.on_targets import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

SCRIPTS = {
    "hello.py": "import sys\nprint('hello', *sys.argv[1:])\n",
    "fail.py": "print('before')\nraise ValueError('no data')\n",
    "sleep.py": "import time\nprint('started', flush=True)\ntime.sleep(600)\n",
    "outputs.py": "open('outputs/a.txt', 'w').write('kept')\nraise SystemExit(3)\n",
    "secret.py": """
import os, time
for part in os.environ['TOKEN']:
    print(part, end='', flush=True)
    time.sleep(0.01)
print()
""",
    "metrics.py": """
import amlweb_run
for n in range(5):
    amlweb_run.log('loss', 1 / (n + 1))
amlweb_run.log('name', 'x')
""",
    "truncate.py": """
import os, sys, time
print('first ' * 100, flush=True)
while not os.path.exists('go'):
    time.sleep(0.01)
sys.stdout.truncate(0)
print('second', flush=True)
""",
}


@pytest.fixture
def scripts(project: Project, project_folder: Path) -> Project:
    """The project with the scripts of these tests."""
    for name, text in SCRIPTS.items():
        (project_folder / name).write_text(text)
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    return project


@pytest.fixture
def drive(local_target: ComputeTarget) -> Callable[[Run], Run]:
    """Do for a run what controller and workers do, until it has ended."""

    def drive_to_end(run: Run) -> Run:
        admit_waiting()
        launch(run.pk)
        follow(run)
        finish(run.pk)
        run.refresh_from_db()
        return run

    return drive_to_end


def follow(run: Run, seconds: float = 30.0) -> None:
    """Watch a run until its program has ended."""
    watcher = TargetWatcher(run.target_id, Event())
    deadline = time.monotonic() + seconds
    while watcher.look():
        assert time.monotonic() < deadline, "the program goes on"
        time.sleep(0.02)


def submit(user: User, project: Project, script: str, **fields: object) -> Run:
    return submit_run(user, project, Submission(script=script, target="local", **fields))  # type: ignore[arg-type]


def test_a_run_goes_from_submit_to_history(bob: User, scripts: Project, drive: Callable[[Run], Run]) -> None:
    run = drive(submit(bob, scripts, "hello.py", arguments=("a b", "$(id)"), tags=("first",), description="try"))
    assert (run.state, run.exit_code, run.reason) == (State.COMPLETED, 0, "")
    assert (run.folder / "log").read_text() == "hello a b $(id)\n"
    assert run.log_is_complete
    assert run.is_cleaned_up
    assert run.interpreter_version.startswith("3.") or "3." in run.interpreter_version
    assert "pip" in run.packages or "django" in {name.lower() for name in run.packages}
    states = list(RunEvent.objects.filter(run=run, kind="state").values_list("to_state", flat=True))
    assert states == ["queued", "preparing", "running", "finalizing", "completed"]


def test_a_script_error_is_shown_with_its_traceback(bob: User, scripts: Project, drive: Callable[[Run], Run]) -> None:
    run = drive(submit(bob, scripts, "fail.py"))
    assert (run.state, run.reason, run.exit_code) == (State.FAILED, "script_failed", 1)
    assert run.reason_detail == "ValueError: no data"
    assert run.failure_excerpt.startswith("Traceback")


def test_outputs_come_back_after_a_failure(bob: User, scripts: Project, drive: Callable[[Run], Run]) -> None:
    run = drive(submit(bob, scripts, "outputs.py"))
    assert (run.state, run.exit_code) == (State.FAILED, 3)
    output = run.outputs.get()
    assert (output.path, output.size_bytes) == ("a.txt", 4)
    assert (run.folder / "outputs" / "a.txt").read_text() == "kept"


def test_metrics_arrive_with_every_point(bob: User, scripts: Project, drive: Callable[[Run], Run]) -> None:
    run = drive(submit(bob, scripts, "metrics.py"))
    assert run.state == State.COMPLETED, run.failure_excerpt
    assert [point.value for point in run.metric_points.filter(name="loss")] == [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]
    latest = run.latest_metrics.get(name="loss")
    assert (latest.step, latest.points, latest.lowest, latest.highest) == (4, 5, 1 / 5, 1)
    assert run.latest_metrics.get(name="name").text == "x"


def test_a_secret_never_stands_in_the_servers_log(bob: User, scripts: Project, drive: Callable[[Run], Run]) -> None:
    run = drive(submit(bob, scripts, "secret.py", secret_variables={"TOKEN": "tulip-field-42"}))
    assert run.state == State.COMPLETED
    assert (run.folder / "log").read_bytes() == b"*" * 14 + b"\n"
    assert run.log_is_complete
    assert "tulip" not in str(run.configuration)


def test_a_cancel_ends_a_running_program(bob: User, scripts: Project, settings: object, drive: object) -> None:
    run = submit(bob, scripts, "sleep.py")
    admit_waiting()
    launch(run.pk)
    assert request_cancel(run, bob)
    assert not request_cancel(run, bob)
    stop(run.pk)
    follow(run)
    finish(run.pk)
    run.refresh_from_db()
    assert run.state == State.CANCELED
    assert run.cancel_receipt
    assert (run.folder / "log").read_text() == "started\n" or (run.folder / "log").read_text() == ""


def test_a_waiting_run_is_cancelled_at_once(bob: User, scripts: Project, drive: object) -> None:
    run = submit(bob, scripts, "hello.py")
    assert request_cancel(run, bob)
    assert run.state == State.CANCELED
    launch(run.pk)
    run.refresh_from_db()
    assert run.state == State.CANCELED
    assert executor_of(run).poll(address_of(run)).condition in (Condition.ABSENT, Condition.UNREACHABLE)


def test_a_cancel_between_admission_and_launch_starts_nothing(bob: User, scripts: Project, drive: object) -> None:
    run = submit(bob, scripts, "hello.py")
    admit_waiting()
    run.refresh_from_db()
    request_cancel(run, bob)
    launch(run.pk)
    stop(run.pk)
    launch(run.pk)
    run.refresh_from_db()
    assert run.state == State.CANCELED
    assert not (run.folder / "log").exists()


def test_twenty_nudges_start_one_program(bob: User, scripts: Project, drive: object) -> None:
    run = submit(bob, scripts, "hello.py", arguments=("once",))
    admit_waiting()

    def nudge(_: int) -> None:
        try:
            launch(run.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(nudge, range(20)))
    follow(run)
    finish(run.pk)
    run.refresh_from_db()
    assert run.state == State.COMPLETED
    assert (run.folder / "log").read_text() == "hello once\n"
    assert RunEvent.objects.filter(run=run, to_state="running").count() == 1


def test_the_last_slot_is_given_once(
    bob: User, scripts: Project, local_target: ComputeTarget, drive: Callable[[Run], Run]
) -> None:
    local_target.slots = 1
    local_target.save()
    first, second, third = (submit(bob, scripts, "hello.py") for _ in range(3))

    def admit(_: int) -> int:
        try:
            return admit_waiting()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(admit, range(8))) == 1
    explain_waiting()
    second.refresh_from_db()
    third.refresh_from_db()
    assert second.wait_reason == "behind run 1 of bob"
    assert third.wait_reason == "behind run 2 of bob"
    assert drive(first).state == State.COMPLETED
    assert drive(second).state == State.COMPLETED


def test_a_drained_target_starts_nothing_and_says_why(
    bob: User, scripts: Project, local_target: ComputeTarget, drive: object
) -> None:
    local_target.is_draining, local_target.drain_reason = True, "new disk"
    local_target.save()
    run = submit(bob, scripts, "hello.py")
    assert admit_waiting() == 0
    explain_waiting()
    run.refresh_from_db()
    assert run.wait_reason == "local is being drained: new disk"


def test_a_killed_script_was_killed_from_outside(bob: User, scripts: Project, drive: object) -> None:
    run = submit(bob, scripts, "sleep.py")
    admit_waiting()
    launch(run.pk)
    os.kill(wait_for(lambda: program_of(run), "program"), signal.SIGKILL)
    follow(run)
    finish(run.pk)
    run.refresh_from_db()
    assert (run.state, run.reason, run.exit_signal) == (State.FAILED, "killed_from_outside", 9)


def program_of(run: Run) -> int:
    """Return the process id of a run's program, from its command line; 0 while there is no such process."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                folder = (entry / "cwd").readlink()
            except OSError:
                continue
            if run.id.hex in str(folder) and b"sleep.py" in words:
                return int(entry.name)
    return 0


def test_a_missing_interpreter_is_named(
    bob: User, scripts: Project, local_target: ComputeTarget, drive: object
) -> None:
    local_target.python_location = "/nowhere/python"
    local_target.save()
    run = submit(bob, scripts, "hello.py")
    admit_waiting()
    launch(run.pk)
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, "interpreter_not_found")
    assert "pythonLocation" in run.reason_detail


def test_a_time_limit_ends_the_run(bob: User, scripts: Project, drive: Callable[[Run], Run]) -> None:
    run = drive(submit(bob, scripts, "sleep.py", time_limit_seconds=1))
    assert (run.state, run.reason) == (State.FAILED, "time_limit")


def ended_with_a_truncated_log(run: Run) -> Run:
    """Launch and follow the run of the script that truncates its log once its first words are here."""
    admit_waiting()
    launch(run.pk)
    watcher = TargetWatcher(run.target_id, Event())
    log = run.folder / "log"
    wait_for(lambda: watcher.look() and log.exists() and log.read_text() == "first " * 100 + "\n", "first words")
    (Path(run.target.work_folder) / "runs" / f"{settings.INSTALLATION_ID}-{run.pk.hex}" / "code" / "go").touch()
    wait_for(lambda: not watcher.look(), "the program's end")
    finish(run.pk)
    run.refresh_from_db()
    return run


def test_a_script_may_truncate_its_log(bob: User, scripts: Project, local_target: ComputeTarget) -> None:
    run = ended_with_a_truncated_log(submit(bob, scripts, "truncate.py"))
    assert run.state == State.COMPLETED
    assert (run.folder / "log").read_text() == "second\n"


def test_a_truncated_log_is_copied_anew(bob: User, scripts: Project, local_target: ComputeTarget) -> None:
    secrets = {"UNUSED": "copy, do not link"}
    run = ended_with_a_truncated_log(submit(bob, scripts, "truncate.py", secret_variables=secrets))
    assert run.state == State.COMPLETED
    assert (run.folder / "log").read_text() == "second\n"
    assert RunEvent.objects.filter(run=run, kind="log").exists()


def test_a_copy_that_is_not_what_the_target_has_is_made_once_more(
    bob: User, scripts: Project, local_target: ComputeTarget
) -> None:
    run = submit(bob, scripts, "hello.py", arguments=("there",), secret_variables={"UNUSED": "copy, do not link"})
    admit_waiting()
    launch(run.pk)
    follow(run)
    log = run.folder / "log"
    (run.folder / ".log.lines").write_bytes(b"stale")
    assert log.read_text() == "hello there\n"
    log.write_text("hel\nXthere\n")
    sidecar = sidecar_of(log)
    state = json.loads(sidecar.read_text())
    sidecar.write_text(json.dumps({**state, "crc32": zlib.crc32(log.read_bytes())}))
    finish(run.pk)
    run.refresh_from_db()
    assert (run.state, run.log_is_complete) == (State.COMPLETED, True)
    assert log.read_text() == "hello there\n"
    assert not (run.folder / ".log.lines").exists()
    assert [event.text for event in run.events.filter(kind="log")] == [
        "The copy of the log was not what is on the target; it was made once more."
    ]


def test_the_same_key_makes_one_run(bob: User, scripts: Project, local_target: ComputeTarget) -> None:
    first = submit(bob, scripts, "hello.py", idempotency_key="k")
    assert submit(bob, scripts, "hello.py", idempotency_key="k") == first
    assert scripts.runs.count() == 1


def test_a_rerun_repeats_code_and_configuration(
    bob: User, alice: User, scripts: Project, drive: Callable[[Run], Run], project_folder: Path
) -> None:
    first = drive(submit(bob, scripts, "secret.py", secret_variables={"TOKEN": "tulip-field-42"}))
    (project_folder / "secret.py").write_text("print('changed')\n")
    scripts.current_snapshot = take_snapshot(scripts, project_folder)
    scripts.save()
    second = drive(rerun(bob, first))
    assert (second.parent, second.snapshot, second.state) == (first, first.snapshot, State.COMPLETED)
    assert (second.folder / "log").read_bytes() == b"*" * 14 + b"\n"
    with pytest.raises(SubmissionRefused) as refused:
        rerun(alice, first)
    assert "typed in again" in refused.value.errors["secret_variables"][0]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"script": "missing.py"}, "script"),
        ({"script": "README.md"}, "script"),
        ({"script": "../hello.py"}, "script"),
        ({"script": "hello.py", "target": "nowhere"}, "target"),
        ({"script": "hello.py", "run_configuration": "none"}, "run_configuration"),
        ({"script": "hello.py", "arguments": ("a\0b",)}, "arguments"),
        ({"script": "hello.py", "arguments": ("\ud800",)}, "arguments"),
        ({"script": "hello.py", "environment_variables": {"A=B": "1"}}, "environment_variables"),
        ({"script": "hello.py", "environment_variables": {"": "1"}}, "environment_variables"),
        ({"script": "hello.py", "environment_variables": {"AMLWEB_X": "1"}}, "environment_variables"),
        ({"script": "hello.py", "environment_variables": {"A": "1\0"}}, "environment_variables"),
        ({"script": "hello.py", "secret_variables": {"A": "ab"}}, "secret_variables"),
        ({"script": "hello.py", "time_limit_seconds": 0}, "time_limit_seconds"),
        ({"script": "hello.py", "tags": ("a" * 51,)}, "tags"),
        ({"script": "hello.py", "description": "d" * 501}, "description"),
    ],
)
def test_bad_input_comes_back_on_its_field(
    bob: User, scripts: Project, local_target: ComputeTarget, fields: dict[str, object], field: str
) -> None:
    with pytest.raises(SubmissionRefused) as refused:
        submit_run(bob, scripts, Submission(**{"target": "local", **fields}))  # type: ignore[arg-type]
    assert list(refused.value.errors) == [field]


def test_finishing_that_breaks_off_again_and_again_ends(bob: User, scripts: Project, drive: object) -> None:
    run = submit(bob, scripts, "hello.py")
    admit_waiting()
    launch(run.pk)
    follow(run)
    Run.objects.filter(pk=run.pk).update(attempts=10)
    finish(run.pk)
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, "internal_error")


def test_a_run_whose_keys_are_gone_ends_without_its_log(
    bob: User, scripts: Project, settings: Settings, drive: object, tmp_path: Path
) -> None:
    run = submit(bob, scripts, "secret.py", secret_variables={"TOKEN": "tulip-field-42"})
    admit_waiting()
    launch(run.pk)
    settings.KEY_FILE = tmp_path / "other-keys"
    follow(run)
    finish(run.pk)
    run.refresh_from_db()
    assert (run.state, run.log_is_complete, run.is_cleaned_up) == (State.COMPLETED, False, False)
    assert not (run.folder / "log").exists()
    assert "not copied" in RunEvent.objects.get(run=run, kind="log").text
    assert executor_of(run).poll(address_of(run)).condition == Condition.EXITED


def test_what_could_not_be_collected_stays_on_the_target(bob: User, scripts: Project, drive: object) -> None:
    run = submit(bob, scripts, "hello.py")
    admit_waiting()
    launch(run.pk)
    follow(run)
    (run.folder / "outputs").write_text("a file where the folder goes")
    finish(run.pk)
    run.refresh_from_db()
    assert (run.state, run.reason, run.is_cleaned_up) == (State.FAILED, "outputs_failed", False)
    assert executor_of(run).poll(address_of(run)).condition == Condition.EXITED
    clean_up(run.pk)
    assert executor_of(run).poll(address_of(run)).condition == Condition.EXITED
    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now() - timedelta(days=15))
    clean_up(run.pk)
    run.refresh_from_db()
    assert run.is_cleaned_up


def test_a_queue_that_does_not_answer_costs_only_time(
    bob: User, scripts: Project, drive: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise errors_of_the_queue()[-1]("connection refused")

    run = submit(bob, scripts, "hello.py")
    monkeypatch.setattr(tasks, "async_task", refuse)
    assert admit_waiting() == 1
    monkeypatch.undo()
    launch(run.pk)
    follow(run)
    finish(run.pk)
    run.refresh_from_db()
    assert run.state == State.COMPLETED
