"""Preparing an environment ahead of any run: who may, for which project, on which target."""

from dataclasses import replace

from django.contrib.auth.models import User
from django.utils import timezone

from computes.environment_asking import manages_environments
from computes.environment_files import asked_by, environment_file_of
from computes.errors import PreparationFailed
from computes.models import ComputeTarget, TargetEnvironment
from computes.preparing_environments import Asker, NotPrepared, cancel_build, ensure_environment
from computes.project_overrides import own_image
from projects.configuration import aml_config_of
from projects.models import Project, Role, Snapshot
from runs.events import record
from runs.models import Run
from runs.resolution import paths_of
from runs.submission import SubmissionForbidden, SubmissionRefused


def prepare_environment(
    user: User, project: Project, target_name: str, run_configuration: str = ""
) -> TargetEnvironment:
    """Return the environment that a project's current code needs on a target; it is built unless it is there.

    Raises SubmissionForbidden for people who may only look, SubmissionRefused with words for each field.
    """
    if not Project.objects.with_role(user, Role.RUNNER).filter(pk=project.pk).exists():
        raise SubmissionForbidden("You may look at this project but not prepare anything for it. Ask an owner.")
    target: ComputeTarget | None = ComputeTarget.objects.usable_by(user, project).filter(name=target_name).first()
    if target is None:
        raise refused("target", f"There is no target {target_name[:80]!r} that you may use for this project.")
    if not manages_environments(target):
        raise refused("target", f"{target.name} runs scripts with the packages that its user has installed there.")
    snapshot = project.current_snapshot
    if snapshot is None:
        raise refused("project", "The project has no code yet. Upload or import some first.")
    config = aml_config_of(snapshot)
    if run_configuration and run_configuration not in config.run_configurations:
        raise refused("run_configuration", f"The project has no run configuration {run_configuration[:80]!r}.")
    path = environment_file_for(snapshot, run_configuration)
    asker = Asker(project, user, f"{project.name}, ahead of runs", timezone.now(), is_ahead_of_runs=True)
    try:
        asked = replace(asked_by(snapshot, path), image=own_image(target, config))
        answer = ensure_environment(target, asked, asker)
    except PreparationFailed as error:
        raise refused("project", f"{error.text} {error.remedy}") from error
    if isinstance(answer, NotPrepared):
        raise AssertionError("Somebody who wants it built gets it built.")
    return answer.environment


def environment_file_for(snapshot: Snapshot, run_configuration: str) -> str:
    """Return the file that says what a run configuration's environment needs; of none, what all of the code needs."""
    configurations = aml_config_of(snapshot).run_configurations
    named = configurations[run_configuration].conda_dependencies_file if run_configuration else ""
    return environment_file_of(paths_of(snapshot.digest, snapshot.project_id), named or "")


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
