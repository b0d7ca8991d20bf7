"""A house with one of everything, and the people who knock at its doors."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from computes.environments.contract import LockedPackage, Platform
from computes.environments.lock_json import lock_of, lock_to_json
from computes.models import (
    ActionNode,
    ComputeTarget,
    EnvironmentLock,
    ScriptAction,
    TargetCheck,
    TargetEnvironment,
)
from projects.models import Project, SourceImport
from projects.models.access_token import create_token
from runs.models import LatestMetric, Output, Run
from runs.sharing import create_link
from runs.submission import Submission, submit_run


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """A small folder of code with a configuration."""
    folder = tmp_path / "project"
    (folder / "aml_config").mkdir(parents=True)
    (folder / "hello.py").write_text("print(1)\n")
    (folder / "aml_config" / "here.compute").write_text("type: local\n")
    return folder


@pytest.fixture
def run(project: Project, local_target: ComputeTarget, bob: User) -> Run:
    """Bob's run in Alice's project, with a log, a metric and an output."""
    run = submit_run(bob, project, Submission(script="hello.py", target="local"))
    (run.folder / "outputs").mkdir(parents=True)
    (run.folder / "log").write_text("hello\n")
    (run.folder / "outputs" / "table.csv").write_text("a,b\n")
    Output.objects.create(run=run, path="table.csv", size_bytes=4)
    LatestMetric.objects.create(run=run, name="accuracy", step=0, time=0.0, value=0.5)
    return run


@pytest.fixture
def share_token(run: Run, alice: User) -> str:
    """The token of a link that shows all of the run."""
    _, address = create_link(run, alice, days=7, shows_log=True, shows_outputs=True)
    return urlsplit(address).path.split("/")[2]


@pytest.fixture
def places(project: Project, run: Run, share_token: str, local_target: ComputeTarget, bob: User) -> dict[str, str]:
    """The usual values for the parameters of addresses."""
    check = TargetCheck.objects.create(target=local_target)
    own_token, _ = create_token(bob, "to revoke")
    SourceImport.objects.create(project=project, location="https://git.example/x", state=SourceImport.State.DONE)
    packages = [LockedPackage("conda", "python", "3.11.9", "h1_0", "https://conda.example/p.conda", "1" * 64)]
    lock = lock_of(Platform("linux-64", "2.36", "x86_64"), ["conda-forge"], packages)
    kept = EnvironmentLock.objects.create(hash=lock.hash, text=lock_to_json(lock), pixi_text="version: 6\n")
    environment = TargetEnvironment.objects.create(
        target=local_target, digest="d" * 64, asked={}, lock=kept, state=TargetEnvironment.State.READY
    )
    environment.projects.add(project)
    spark = ComputeTarget.objects.create(
        name="spark", kind=ComputeTarget.Kind.CLUSTER, created_by=local_target.created_by
    )
    spark.grants.create(project=project)
    action = ScriptAction.objects.create(
        target=spark, name="try", script="true\n", sha256="0" * 64, node_seconds=60, total_seconds=60, at_once=1
    )
    ActionNode.objects.create(action=action, number=1, address="root@node1")
    return {
        "key": lock.hash,
        "environment_id": str(environment.pk),
        "slug": project.slug,
        "number": str(run.number),
        "token": share_token,
        "link": str(run.share_links.get().pk),
        "name": local_target.name,
        "action_id": str(action.pk),
        "check_id": str(check.pk),
        "grant_id": str(local_target.grants.get().pk),
        "token_id": str(own_token.pk),
    }


@pytest.fixture
def people(share_token: str, charlie: User, vera: User, bob: User, alice: User, ada: User) -> dict[str, Client]:
    """A client for each person of the table."""
    _, token = create_token(bob, "api")
    clients = {
        "anonymous": Client(raise_request_exception=False),
        "share": Client(raise_request_exception=False, headers={"authorization": f"Bearer {share_token}"}),
        "token": Client(raise_request_exception=False, headers={"authorization": f"Bearer {token}"}),
    }
    for person in (charlie, vera, bob, alice, ada):
        clients[person.username] = Client(raise_request_exception=False)
        clients[person.username].force_login(person)
    return clients
