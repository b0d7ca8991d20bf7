"""Preparing an environment ahead of any run: who may, for which project, on which target."""

from collections.abc import Callable
from dataclasses import replace

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from computes.environment_asking import Asked, manages_environments
from computes.environment_files import asked_by
from computes.errors import PreparationFailed
from computes.models import ComputeTarget, TargetEnvironment
from computes.preparing_environments import Asker, NotPrepared, cancel_build, ensure_environment
from computes.project_overrides import own_image
from projects.configuration import aml_config_of
from projects.models import Project, Role
from runs.events import record
from runs.lifecycle.environment import asked_for
from runs.models import Run
from runs.resolution import find_environment_file, packages_refusal
from runs.run_configuration import RunConfiguration
from runs.status import FailureReason
from runs.submission import SubmissionForbidden, SubmissionRefused


def prepare_environment(
    user: User, project: Project, target_name: str, run_configuration: str = ""
) -> TargetEnvironment:
    """Return the environment that a project's current code needs on a target; it is built unless it is there.

    Raises SubmissionForbidden for people who may only look, SubmissionRefused with words for each field.
    """
    target = target_to_prepare(user, project, target_name)
    snapshot = project.current_snapshot
    if snapshot is None:
        raise refused("project", "The project has no code yet. Upload or import some first.")
    config = aml_config_of(snapshot)
    if run_configuration and run_configuration not in config.run_configurations:
        raise refused("run_configuration", f"The project has no run configuration {run_configuration[:80]!r}.")
    configuration = config.run_configurations[run_configuration] if run_configuration else None
    if refusal := packages_refusal(snapshot, configuration):
        raise refused("run_configuration", refusal)
    path = find_environment_file(snapshot, target, configuration)
    return begin(user, project, target, lambda: replace(asked_by(snapshot, path), image=own_image(target, config)))


def can_be_prepared_for(run: Run) -> bool:
    """Return whether a run failed because it might prepare nothing, and its environment can be prepared for it."""
    is_about_it = run.reason == FailureReason.PREPARATION_FAILED and manages_environments(run.target)
    return (
        is_about_it
        and not run.target.is_detached
        and not RunConfiguration.from_json(run.configuration).prepare_environment
    )


def prepare_for_run(user: User, run: Run) -> TargetEnvironment:
    """Return the environment that a run needs, be it by its own file or by a lock; it is built unless it is there.

    Raises what `prepare_environment` raises.
    """
    if run.target.is_detached:
        raise refused("target", f"{run.target.name}, where run {run.number} ran, is detached.")
    target = target_to_prepare(user, run.project, run.target.name)
    return begin(user, run.project, target, lambda: asked_for(run, RunConfiguration.from_json(run.configuration)))


def target_to_prepare(user: User, project: Project, name: str) -> ComputeTarget:
    """Return a target whose environments we make, for somebody who may use it for a project."""
    if not Project.objects.with_role(user, Role.RUNNER).filter(pk=project.pk).exists():
        raise SubmissionForbidden("You may look at this project but not prepare anything for it. Ask an owner.")
    target: ComputeTarget | None = ComputeTarget.objects.usable_by(user, project).filter(name=name).first()
    if target is None:
        raise refused("target", f"There is no target {name[:80]!r} that you may use for this project.")
    if not manages_environments(target):
        raise refused("target", f"{target.name} runs scripts with the packages that its user has installed there.")
    return target


def begin(user: User, project: Project, target: ComputeTarget, asked: Callable[[], Asked]) -> TargetEnvironment:
    """Return the environment that was asked for, which somebody now wants ahead of runs."""
    asker = Asker(project, user, f"{project.name}, ahead of runs", timezone.now(), is_ahead_of_runs=True)
    try:
        wanted = asked()
        with transaction.atomic():
            if not ComputeTarget.objects.held(target.pk):
                raise refused("target", f"{target.name} was detached at this very moment.")
            answer = ensure_environment(target, wanted, asker)
    except PreparationFailed as error:
        raise refused("project", error.in_full) from error
    if isinstance(answer, NotPrepared):
        raise AssertionError("Somebody who wants it built gets it built.")
    return answer.environment


def refused(field: str, text: str) -> SubmissionRefused:
    """Return the refusal of one field."""
    return SubmissionRefused({field: [text]})


def cancel_preparation(environment: TargetEnvironment, user: User) -> bool:
    """Cancel a build, for those who may run something in a project that uses it. False when there is none.

    Runs that wait for it end. Raises SubmissionForbidden.
    """
    if not may_change(environment, user):
        raise SubmissionForbidden("You may look at this environment but not cancel its build.")
    asked = cancel_build(environment, user)
    if asked:
        for run in Run.objects.waiting_for_builds().filter(environment=environment):
            record(run, "build", "the build of the environment was canceled", actor=user)
    return asked


def may_change(environment: TargetEnvironment, user: User) -> bool:
    """Return whether a person may do more than look at an environment."""
    theirs = Project.objects.with_role(user, Role.RUNNER).filter(pk__in=environment.projects.values("pk"))
    return user.is_superuser or theirs.exists()
