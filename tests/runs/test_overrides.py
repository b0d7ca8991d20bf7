"""What a project's own file says instead of the target is frozen with the run and holds for its whole life."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from computes import registry
from computes.attaching import edit_target
from computes.contract import Framework
from computes.executors.fake import FakeExecutor
from computes.models import ComputeTarget
from computes.registry import REGISTRY, Entry
from projects.models import Project
from projects.snapshots import take_snapshot
from runs.execution_requests import address_of, request_of
from runs.submission import Submission, rerun, submit_run

FILE = "type: docker\nbaseDockerImage: mine:1\nsharedVolumes: false\nnativeSharedDirectory: /etc\n"


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch, project: Project, project_folder: Path, ada: User) -> ComputeTarget:
    """A target with containers that the project may use, and describes in its own words."""
    monkeypatch.setattr(registry, "EXECUTORS", {})
    monkeypatch.setitem(REGISTRY, ("docker", Framework.PYTHON), Entry(lambda settings: FakeExecutor(), form="docker"))  # type: ignore[arg-type]
    (project_folder / "aml_config" / "box.compute").write_text(FILE)
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    target: ComputeTarget = ComputeTarget.objects.create(
        name="box", kind="localdocker", base_docker_image="python:3.11-slim", cpus=2.0, created_by=ada
    )
    target.grants.create(project=project)
    return target


def test_a_run_keeps_what_its_project_said_when_it_was_submitted(
    box: ComputeTarget, project: Project, project_folder: Path, bob: User, ada: User
) -> None:
    run = submit_run(bob, project, Submission(script="hello.py", target="box"))
    (project_folder / "aml_config" / "box.compute").write_text("type: docker\nbaseDockerImage: later:2\n")
    project.current_snapshot = take_snapshot(project, project_folder)
    project.save()
    run.refresh_from_db()
    container = address_of(run).settings.container
    assert container is not None
    assert (container.image, container.is_shared, container.cpus) == ("mine:1", False, 2.0)
    assert request_of(run).address == address_of(run)
    assert address_of(run).settings.native_shared_directory == ""
    assert "nativeSharedDirectory" in run.configuration["without_effect"]
    edit_target(box, ada, {"base_docker_image": "other:3"})
    run.refresh_from_db()
    assert address_of(run).settings.container == container
    again = address_of(rerun(bob, run)).settings.container
    assert again is not None
    assert again.image == "mine:1", "a repeated run takes its own code's word"


def test_a_run_of_before_has_no_overrides(box: ComputeTarget, project: Project, bob: User) -> None:
    run = submit_run(bob, project, Submission(script="hello.py", target="box"))
    del run.configuration["target_overrides"]
    run.save()
    container = address_of(run).settings.container
    assert container is not None
    assert container.image == "python:3.11-slim"
    assert request_of(run).script == "hello.py"
