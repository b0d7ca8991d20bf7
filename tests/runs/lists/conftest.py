"""Runs to list, made without a target: only what the lists read."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from computes.models import ComputeTarget
from projects.models import Project
from runs.models import LatestMetric, Run, Tag
from runs.run_configuration import RunConfiguration
from runs.status import State

MakeRun = Callable[..., Run]


@pytest.fixture
def make_run(project: Project, local_target: ComputeTarget, bob: User) -> MakeRun:
    """A function that makes one ended run of Bob's; its words replace the facts."""

    def make(**facts: Any) -> Run:
        tags, metrics = facts.pop("tags", ()), facts.pop("metrics", {})
        asked = RunConfiguration(
            script=facts.get("script", "hello.py"),
            target="local",
            arguments=facts.pop("arguments", ()),
            environment_variables=facts.pop("variables", {}),
            secret_names=facts.pop("secret_names", ()),
        )
        number = Run.objects.filter(project=project).count() + 1
        facts = {"script": "hello.py", "state": State.COMPLETED, "created_by": bob, "number": number} | facts
        run: Run = Run.objects.create(
            project=project,
            snapshot=facts.pop("snapshot", project.current_snapshot),
            target=local_target,
            configuration=asked.to_json(),
            **facts,
        )
        Tag.objects.bulk_create(Tag(run=run, name=name) for name in tags)
        for name, value in metrics.items():
            LatestMetric.objects.create(
                run=run, name=name, step=0, time=0, value=value, lowest=value, highest=value, points=1
            )
        return run

    return make
