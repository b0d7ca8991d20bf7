"""What the tests of a run's pages share: a run with everything on it, and browsers of the cast."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from computes.models import ComputeTarget
from projects.models import Project
from runs.models import Heartbeat, LatestMetric, MetricPoint, Output, Run, RunEvent
from runs.run_configuration import RunConfiguration
from runs.status import State

SeenBy = Callable[[User | None], Client]
AddOutput = Callable[[str, bytes], Output]


@pytest.fixture
def seen_by() -> SeenBy:
    """Give a client that is logged in as a person, or as nobody."""

    def logged_in(person: User | None) -> Client:
        client = Client()
        if person is not None:
            client.force_login(person)
        return client

    return logged_in


@pytest.fixture
def run(project: Project, local_target: ComputeTarget, alice: User) -> Run:
    """A run of Alice's that is running, with a log and a heartbeat of the controller."""
    now = timezone.now()
    Heartbeat.objects.create(name="controller", beat_at=now)
    configuration = RunConfiguration(
        script="hello.py",
        target="local",
        arguments=("--rate", "0.1", "two words"),
        environment_variables={"THREADS": "2"},
        secret_names=("API_KEY",),
    )
    run: Run = Run.objects.create(
        project=project,
        number=1,
        created_by=alice,
        snapshot=project.current_snapshot,
        target=local_target,
        script="hello.py",
        configuration=configuration.to_json(),
        state=State.RUNNING,
        queued_at=now - timedelta(seconds=9),
        preparing_at=now - timedelta(seconds=8),
        running_at=now - timedelta(seconds=7),
        last_contact_at=now,
    )
    run.folder.mkdir(parents=True)
    (run.folder / "log").write_bytes(b"first line\nsecond line\n")
    (run.folder / "system.log").write_bytes(b"placed the code\n")
    RunEvent.objects.create(run=run, kind="state", to_state=State.QUEUED, actor=alice, text="submitted")
    Project.objects.filter(pk=project.pk).update(runs_submitted=1)
    return run


@pytest.fixture
def add_output(run: Run) -> AddOutput:
    """Give a function that leaves a collected output in the run's folder."""

    def add(path: str, content: bytes) -> Output:
        file = Path(run.folder) / "outputs" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        output: Output = Output.objects.create(run=run, path=path, size_bytes=len(content), sha256=digest)
        return output

    return add


@pytest.fixture
def metrics(run: Run) -> list[float]:
    """Log ten values of "loss" and a text."""
    values = [1 / (step + 1) for step in range(10)]
    MetricPoint.objects.bulk_create(
        MetricPoint(run=run, name="loss", step=step, time=0, value=value) for step, value in enumerate(values)
    )
    facts = {"step": 9, "time": 0.0, "value": values[-1], "lowest": min(values), "highest": max(values), "points": 10}
    LatestMetric.objects.create(run=run, name="loss", **facts)
    LatestMetric.objects.create(run=run, name="model <b>", step=0, time=0, text="<i>linear</i>", points=1)
    return values
