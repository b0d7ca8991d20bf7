"""What tests of environments share: a target whose environments we make, a builder that obeys, and waiting."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from computes.environment_asking import Asked
from computes.environment_builds import carry_on
from computes.models import ComputeTarget, TargetEnvironment
from computes.preparing_environments import Answer, Asker, ensure_environment
from projects.models import Project

BUILDER = [sys.executable, str(Path(__file__).with_name("obeying_builder.py"))]
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Workshop:
    """A target with a project that may use it, and the orders of its builders."""

    target: ComputeTarget
    project: Project
    orders: Path

    def starts(self) -> list[dict[str, Any]]:
        """Return the request of every builder that was started."""
        file = self.orders / "starts"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def go(self) -> None:
        """Let builders that wait go on."""
        (self.orders / "go").touch()

    def ask(self, *words: str, **asker: Any) -> Answer:
        """Ask for an environment whose builder is ordered to do something."""
        facts = {"project": self.project, "user": None, "purpose": "a test", "since": timezone.now(), **asker}
        return ensure_environment(self.target, asked(*words), Asker(**facts))


def asked(*words: str) -> Asked:
    """Return what is asked for, with orders as pip's lines."""
    return Asked(channels=("conda-forge",), conda=("python 3.11.*",), pip=words, source="requirements.txt")


def work_until(is_enough: Callable[[TargetEnvironment], bool], row: TargetEnvironment) -> TargetEnvironment:
    """Do for a build what controller and workers do, until a condition holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_enough(row):
        assert time.monotonic() < deadline, f"it is {row.state}: {row.error} {row.progress}"
        carry_on(row.pk)
        time.sleep(0.02)
        row.refresh_from_db()
    return row


def is_over(row: TargetEnvironment) -> bool:
    """Return whether nothing goes on."""
    return not row.is_going_on
