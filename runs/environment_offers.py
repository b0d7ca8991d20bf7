"""Preparing an environment again, or on another target, from its page: for which project, and on which targets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from computes.environment_asking import manages_environments
from computes.environment_files import asked_by
from computes.errors import PreparationFailed
from computes.models import ComputeTarget, TargetEnvironment
from projects.configuration import aml_config_of
from projects.models import Project, Role
from runs.resolution import environment_file_for, packages_refusal

MOST_PROJECTS = 20
WHAT_COUNTS = ("channels", "conda", "pip", "wheels")


@dataclass(frozen=True, slots=True)
class Offer:
    """A project whose current code asks for the same, by which of its run configurations, and where it may run."""

    project: Project
    run_configuration: str
    targets: tuple[str, ...]


def offers_for(row: TargetEnvironment, user: User) -> list[Offer]:
    """Return how a person may have an environment prepared; each target is offered once."""
    offers: list[Offer] = []
    projects = Project.objects.with_role(user, Role.RUNNER).filter(environments=row).select_related("current_snapshot")
    for project in projects.order_by("name")[:MOST_PROJECTS]:
        configuration = configuration_that_asks(project, row.asked)
        if configuration is None:
            continue
        offered = {name for offer in offers for name in offer.targets}
        usable = ComputeTarget.objects.usable_by(user, project).order_by("name")
        names = [target.name for target in usable if manages_environments(target) and target.name not in offered]
        if names:
            offers.append(Offer(project, configuration, tuple(names)))
    return offers


def configuration_that_asks(project: Project, asked: Mapping[str, Any]) -> str | None:
    """Return the run configuration by which a project's current code asks for the same; empty where it needs none to be
    named, None where its code asks for something else now."""
    snapshot = project.current_snapshot
    if snapshot is None or not asked:
        return None
    seen: set[str] = set()
    for name, configuration in (("", None), *sorted(aml_config_of(snapshot).run_configurations.items())):
        path = environment_file_for(snapshot, configuration)
        if path in seen or packages_refusal(snapshot, configuration):
            continue
        seen.add(path)
        try:
            now = asked_by(snapshot, path).to_json()
        except PreparationFailed:
            continue
        if all(now[part] == asked.get(part) for part in WHAT_COUNTS):
            return name
    return None
