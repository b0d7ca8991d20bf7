"""From a project's conda file to a script that imports its packages: the real solver, builder, pip and processes."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from computes import registry
from computes.environments.lock_json import lock_from_json
from computes.models import ComputeTarget, EnvironmentLock, TargetEnvironment
from computes.package_settings import package_cache
from computes.registry import REGISTRY
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.controller.admission import admit_waiting
from runs.environment_page import lock_as
from runs.environment_pruning import prune
from runs.lifecycle.ending import clean_up
from runs.lifecycle.finish import finish
from runs.models import Run
from runs.status import State
from runs.submission import Submission, rerun, submit_run
from tests.runs.test_lifecycle import follow
from tests.runs.test_runs_with_environments import runs_or_ended, work_until
from tests.stack.conda_channel import make_conda_channel
from tests.stack.package_server import PackageServer, package_server

pytestmark = pytest.mark.django_db(transaction=True)
CONDA_FILE = "name: x\nchannels: [conda]\ndependencies:\n  - python\n  - towel=1\n  - pip:\n    - guide\n"
SCRIPT = "import guide, sys, towel\nprint(sys.prefix)\n"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageServer]:
    """A conda channel and an index for pip, for everybody."""
    channel = make_conda_channel(tmp_path_factory.mktemp("channel") / "made")
    with package_server(channel.folder) as server:
        yield server


@pytest.fixture
def machine(
    data_dir: Path,
    project: Project,
    ada: User,
    packages: PackageServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> ComputeTarget:
    """A target whose environments we make as folders; it is this machine, which no kind of target that exists is."""
    settings.CHANNEL_ALIAS = packages.address("").rstrip("/")
    settings.PIP_INDEX = packages.address("simple")
    settings.ENVIRONMENT_BUILDER = [sys.executable, "-m", "computes.environments.builder"]
    monkeypatch.setitem(REGISTRY, ("remote", "Python"), REGISTRY[("local", "Python")])  # type: ignore[index]
    monkeypatch.setattr(registry, "EXECUTORS", {})
    monkeypatch.setattr(ComputeTarget, "is_over_ssh", False)
    target: ComputeTarget = ComputeTarget.objects.create(
        name="bench",
        kind=ComputeTarget.Kind.REMOTE,
        user_managed_environment=False,
        work_folder=str(data_dir / "work" / "bench"),
        created_by=ada,
    )
    target.grants.create(project=project)
    return target


def finished(run: Run) -> Run:
    """Bring a run that starts to its end."""
    admit_waiting()
    run = work_until(runs_or_ended, run)
    assert run.state == State.RUNNING, run.reason_detail
    follow(run)
    finish(run.pk)
    run.refresh_from_db()
    clean_up(run.pk)
    return run


def test_a_script_imports_what_its_conda_file_asks_for(
    bob: User, project: Project, project_folder: Path, machine: ComputeTarget
) -> None:
    (project_folder / "aml_config" / "conda_dependencies.yml").write_text(CONDA_FILE)
    (project_folder / "hello.py").write_text(SCRIPT)
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    run = finished(submit_run(bob, project, Submission(script="hello.py", target="bench")))
    assert run.state == State.COMPLETED, run.failure_excerpt
    prefix = Path(machine.work_folder) / "env" / run.environment_hash
    assert (run.folder / "log").read_text() == f"{prefix}\n"
    assert {"towel": "1.0", "guide": "4.2", "fish": "2.0"}.items() <= run.packages.items()
    assert "is ready." in (run.folder / "build.log").read_text()
    row = TargetEnvironment.objects.get()
    assert row.state == TargetEnvironment.State.READY
    assert row.size_bytes is not None
    assert row.size_bytes > 10_000_000, "there is a whole Python in it"
    assert set(row.seconds) >= {"solve", "fetch", "link", "pip", "compile"}
    lock = EnvironmentLock.objects.get()
    assert lock_from_json(lock.text).hash == run.environment_hash
    assert "version:" in lock_as("pixi", lock)
    assert json.loads(lock.text)["platform"]["subdir"] == "linux-64"

    assert prune(machine, [run.environment_hash]) == [run.environment_hash]
    again = rerun(bob, run)
    again = finished(again)
    assert again.state == State.COMPLETED, again.failure_excerpt
    assert again.environment_hash == run.environment_hash
    assert (again.folder / "log").read_text() == f"{prefix}\n"


def test_what_was_behind_a_login_is_built_again_from_the_lock_with_the_login_of_the_projects_file(
    bob: User, project: Project, project_folder: Path, machine: ComputeTarget, packages: PackageServer
) -> None:
    (project_folder / "hello.py").write_text(SCRIPT)
    with package_server(packages.folder, "amy:s3cret-word") as guarded:
        channel, index = (guarded.address(path, with_login=True) for path in ("conda", "simple"))
        text = CONDA_FILE.replace("[conda]", f'["{channel}"]').replace("- guide", f"- --index-url {index}\n    - guide")
        (project_folder / "aml_config" / "conda_dependencies.yml").write_text(text)
        project.current_snapshot = take_snapshot(project, project_folder)
        project.save()
        run = finished(submit_run(bob, project, Submission(script="hello.py", target="bench")))
        assert run.state == State.COMPLETED, run.failure_excerpt
        assert prune(machine, [run.environment_hash]) == [run.environment_hash]
        shutil.rmtree(package_cache())
        again = finished(rerun(bob, run))
        assert again.environment_hash == run.environment_hash
        asked = TargetEnvironment.objects.get(from_lock=run.environment_hash)
        assert asked.asked["pip"] == [f"--index-url={guarded.address('simple')}"]
        assert "s3cret-word" not in str(asked.asked) + asked.sealed_credentials + EnvironmentLock.objects.get().text


def test_what_cannot_be_solved_ends_the_run_in_the_solvers_words(
    bob: User, project: Project, project_folder: Path, machine: ComputeTarget
) -> None:
    text = CONDA_FILE.replace("towel=1", "towel=99")
    (project_folder / "aml_config" / "conda_dependencies.yml").write_text(text)
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    run = submit_run(bob, project, Submission(script="hello.py", target="bench"))
    admit_waiting()
    run = work_until(runs_or_ended, run)
    assert (run.state, run.reason) == (State.FAILED, "preparation_failed")
    assert "towel" in run.reason_detail
    assert "aml_config/conda_dependencies.yml" in run.reason_detail
