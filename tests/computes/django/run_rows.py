"""Rows of runs for tests that need some to be there and none to run."""

from typing import Any

from computes.models import ComputeTarget
from projects.models import Project
from runs.models import Run


def add_run(project: Project, target: ComputeTarget, number: int, **facts: Any) -> Run:
    """Record a run as it would stand in the database."""
    configuration: dict[str, Any] = {"arguments": [], "environment_variables": {}}
    values = {"script": "hello.py", "configuration": configuration, "snapshot": project.current_snapshot, **facts}
    run: Run = Run.objects.create(project=project, target=target, number=number, **values)
    return run
