"""What a script does to its records and outputs ends no run wrongly and holds none up."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from computes.contract import Collected
from computes.models import ComputeTarget
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.controller.admission import admit_waiting
from runs.execution_requests import address_of, executor_of
from runs.following import MOST_SYSTEM_LOG_BYTES
from runs.leases import claim
from runs.lifecycle.finish import bring_home, end, finish
from runs.lifecycle.launch import launch
from runs.lifecycle.outputs import with_distinct_paths
from runs.log_file import LogFile
from runs.models import Run
from runs.status import FailureReason, State
from runs.submission import Submission, submit_run
from tests.runs.test_lifecycle import follow

pytestmark = pytest.mark.django_db(transaction=True)

FORGE = """
import json, os
path = os.environ["AMLWEB_RUN_FOLDER"] + "/exit.json"
os.unlink(path)
record = {"code": 10**30, "signal": -5, "ended_by": "", "out_of_memory": False, "duration_seconds": 1.5,
          "log_bytes": 10**40, "log_crc32": -1, "steps": [["\\0", 1]]}
open(path, "w").write(json.dumps(record))
"""
POSE = """
import json, os
path = os.environ["AMLWEB_RUN_FOLDER"]
open(path + "/python", "w").write('''#!/bin/sh
echo '{"version": "a\\\\\\\\u0000b", "executable": 7, "packages": {"x\\\\\\\\u0000": null}, "path": []}'
''')
os.chmod(path + "/python", 0o755)
spec = json.load(open(path + "/spec.json"))
spec["argv"][0] = path + "/python"
json.dump(spec, open(path + "/spec.json", "w"))
"""
LOOK_ALIKE = """
import os
open(b"outputs/\\xff.txt", "w").write("1")
open("outputs/\\\\udcff.txt", "w").write("2")
open("outputs/kept.txt", "w").write("3")
os.chdir("outputs")
for level in range(3):
    os.mkdir("d" * 250)
    os.chdir("d" * 250)
open("a" * 250, "w").close()
open("a" * 249 + "b", "w").close()
"""
METRICS = """
import os
path = os.environ["AMLWEB_METRICS"]
open(path, "wb").write(b'{"name": "\\\\ud800", "values": [1, 2], "step": 9223372036854775807}\\n')
"""


EndedRun = Callable[..., Run]


@pytest.fixture
def ended_run(bob: User, project: Project, project_folder: Path, local_target: ComputeTarget) -> EndedRun:
    """Drive a run of a script up to the end of its program."""

    def drive(script: str, **secrets: str) -> Run:
        (project_folder / "hostile.py").write_text(script)
        project.current_snapshot = take_snapshot(project, project_folder)
        project.save()
        run = submit_run(bob, project, Submission(script="hostile.py", target="local", secret_variables=secrets))
        admit_waiting()
        launch(run.pk)
        follow(run)
        run.refresh_from_db()
        return run

    return drive


def test_a_forged_exit_record_is_no_exit_record(ended_run: EndedRun) -> None:
    run = ended_run(FORGE)
    finish(run.pk)
    run.refresh_from_db()
    assert (run.state, run.reason, run.exit_code) == (State.FAILED, FailureReason.EXIT_CODE_LOST, None)


def test_a_script_that_poses_as_its_interpreter_ends(ended_run: EndedRun) -> None:
    run = ended_run(POSE)
    finish(run.pk)
    run.refresh_from_db()
    assert (run.state, run.packages) == (State.COMPLETED, {})


def test_outputs_whose_shown_names_look_alike_are_told_apart(ended_run: EndedRun) -> None:
    run = ended_run(LOOK_ALIKE)
    finish(run.pk)
    run.refresh_from_db()
    assert run.state == State.COMPLETED
    assert {path for path, skipped in run.outputs.values_list("path", "skipped") if not skipped} == {
        "kept.txt",
        r"\udcff.txt",
    }
    assert run.outputs.exclude(skipped="").count() == 3
    assert (run.folder / "outputs" / r"\udcff.txt").read_text() == "2"


def test_metrics_that_no_database_takes_do_not_keep_a_run_alive(ended_run: EndedRun) -> None:
    run = ended_run(METRICS)
    finish(run.pk)
    run.refresh_from_db()
    assert run.state == State.COMPLETED
    assert run.metric_points.count() == 2


def test_who_thaws_after_another_has_finished_changes_nothing(ended_run: EndedRun) -> None:
    run = ended_run("open('outputs/a.txt', 'w').write('kept')")
    claimed = claim(run.pk, State.FINALIZING)
    assert claimed is not None
    frozen, token = claimed
    executor, address = executor_of(frozen), address_of(frozen)
    status = executor.poll(address)
    changes, collected = bring_home(frozen, token, executor, address, status)
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    finish(run.pk)
    assert not end(frozen, token, State.COMPLETED, "", changes, collected)
    late, nothing = bring_home(frozen, uuid4(), executor, address, status)
    assert not end(frozen, token, State.COMPLETED, "", late, nothing)
    run.refresh_from_db()
    assert run.state == State.COMPLETED
    assert list(run.outputs.values_list("path", flat=True)) == ["a.txt"]
    assert (run.folder / "outputs" / "a.txt").read_text() == "kept"
    assert run.events.filter(to_state=State.COMPLETED).count() == 1


def test_files_with_holes_fill_no_disk_of_the_server(ended_run: EndedRun, settings: Settings) -> None:
    settings.LOG_CAP_BYTES = 100_000
    run = ended_run(
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nfolder = os.environ['AMLWEB_RUN_FOLDER']\n"
        "for name in ('log', 'system.log', 'metrics.jsonl'):\n"
        "    open(f'{folder}/{name}', 'a').close(); os.truncate(f'{folder}/{name}', 1 << 40)\n",
    )
    assert LogFile(run.folder / "log").window().total_lines == 1
    finish(run.pk)
    run.refresh_from_db()
    assert run.is_finished
    assert (run.folder / "log").stat().st_size <= 200_000
    assert (run.folder / "system.log").stat().st_size <= MOST_SYSTEM_LOG_BYTES


def test_a_log_of_a_run_with_secrets_is_copied_no_further_than_its_limit(
    ended_run: EndedRun, settings: Settings
) -> None:
    settings.LOG_CAP_BYTES = 100_000
    run = ended_run(
        "import os\nlog = os.environ['AMLWEB_RUN_FOLDER'] + '/log'\nos.unlink(log)\nopen(log, 'w').close()\n"
        "os.truncate(log, 1 << 40)\n",
        TOKEN="tulip-field",
    )
    assert (run.folder / "log").stat().st_size == 200_000


def test_what_was_skipped_twice_under_one_name_has_two(tmp_path: Path) -> None:
    alike = [Collected("a", 0, "", "a pipe"), Collected("a", 1, "x"), Collected("a", 0, "", "a link")]
    assert [path for path, _ in with_distinct_paths(alike)] == ["a (2)", "a", "a (3)"]
