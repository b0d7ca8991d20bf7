"""Submitting a run: everything is checked and frozen before it is queued."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from computes.environment_asking import manages_environments
from computes.models import ComputeTarget
from computes.spark_resources import Resources
from projects.models import Project, Role, Snapshot
from projects.secret_box import SealBroken
from runs.detached_targets import refusal_to_repeat
from runs.models import Run, RunEvent, Tag
from runs.resolution import Resolved, resolve
from runs.run_configuration import RunConfiguration
from runs.secrets import keep_secrets, secrets_of
from runs.status import State
from runs.submission_rules import (
    Findings,
    check_arguments,
    check_description,
    check_secrets,
    check_tags,
    check_time_limit,
    check_variables,
    is_sendable,
)
from runs.wake import CONTROLLER, send_hint


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody asks for. `target` or `run_configuration` or both name the place; `snapshot` None means the
    project's current code. Arguments and script given here win over those of the run configuration.
    `environment_lock` is the hash of a lock to take instead of solving anew; `framework` and `spark` win over what the
    project's files say; `resources` are what the application takes on a cluster."""

    script: str = ""
    arguments: tuple[str, ...] | None = None
    target: str | None = None
    run_configuration: str | None = None
    environment_variables: Mapping[str, str] = field(default_factory=dict)
    secret_variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    time_limit_seconds: int | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    parent: Run | None = None
    snapshot: Snapshot | None = None
    idempotency_key: str | None = None
    environment_lock: str = ""
    framework: str | None = None
    spark: Mapping[str, Any] | None = None
    resources: Resources = field(default_factory=Resources)


class SubmissionRefused(Exception):
    """The submission cannot be queued. `errors` maps each field to sentences that say what to change."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__("; ".join(text for texts in errors.values() for text in texts))
        self.errors = dict(errors)


class SubmissionForbidden(Exception):
    """The person may look at the project but not run anything in it."""


def submit_run(user: User, project: Project, submission: Submission) -> Run:
    """Queue a run and return it; the same idempotency key of the same person gives the same run.

    Raises SubmissionRefused with words for each field, and SubmissionForbidden for people who may only look.
    """
    demand_runner(user, project)
    key = submission.idempotency_key or None
    if key is not None:
        if len(key) > 100 or not is_sendable(key):
            raise SubmissionRefused({"idempotency_key": ["The Idempotency-Key must be at most 100 plain characters."]})
        if (earlier := run_of_key(user, project, key)) is not None:
            return earlier
    resolved, tags, time_limit = check(user, project, submission)
    try:
        return create(user, project, submission, resolved, tags, time_limit)
    except IntegrityError:
        if key is None or (earlier := run_of_key(user, project, key)) is None:
            raise
        return earlier


def demand_runner(user: User, project: Project) -> None:
    """Raise SubmissionForbidden for people who may not run anything in a project."""
    if not Project.objects.with_role(user, Role.RUNNER).filter(pk=project.pk).exists():
        raise SubmissionForbidden("You may look at this project but not run anything in it. Ask an owner for more.")


def run_of_key(user: User, project: Project, key: str) -> Run | None:
    """Return the run that was made with a key, or None. A key used in another project is refused."""
    run: Run | None = Run.objects.filter(created_by=user, idempotency_key=key).first()
    if run is not None and run.project_id != project.pk:
        raise SubmissionRefused(
            {"idempotency_key": ["This Idempotency-Key was used in another project; use a new one."]}
        )
    return run


def check(user: User, project: Project, submission: Submission) -> tuple[Resolved, tuple[str, ...], int | None]:
    """Check every field and return what follows from them. Raises SubmissionRefused with all findings at once."""
    findings = Findings()
    resolved = resolve(
        user,
        project,
        snapshot=submission.snapshot or project.current_snapshot,
        script=submission.script,
        arguments=submission.arguments,
        target_name=submission.target,
        configuration_name=submission.run_configuration,
        framework=submission.framework,
        spark=submission.spark,
        resources=submission.resources,
        has_lock=bool(submission.environment_lock),
        findings=findings,
    )
    if resolved is not None and submission.environment_lock and not manages_environments(resolved.target):
        findings.add(
            "environment_lock",
            f"No environment is prepared on {resolved.target.name} any more, so the packages of the lock cannot be had "
            "there. Submit the script anew to run with those that are there, or ask an administrator to have "
            "environments prepared.",
        )
    arguments = submission.arguments if resolved is None else resolved.arguments
    check_arguments(arguments or (), findings)
    check_variables(submission.environment_variables, "environment_variables", findings)
    if resolved is not None:
        check_variables(resolved.environment_variables, "run_configuration", findings)
    check_secrets(submission.secret_variables, submission.environment_variables, findings)
    check_description(submission.description, findings)
    tags = check_tags(submission.tags, findings)
    wanted = submission.time_limit_seconds
    if wanted is None and resolved is not None:
        wanted = resolved.time_limit_seconds
    time_limit = check_time_limit(wanted, resolved.longest_run_seconds if resolved else None, findings)
    if findings.errors or resolved is None:
        raise SubmissionRefused(findings.errors)
    return resolved, tags, time_limit


def create(
    user: User,
    project: Project,
    submission: Submission,
    resolved: Resolved,
    tags: tuple[str, ...],
    time_limit: int | None,
) -> Run:
    """Write the run with its first event in one transaction, and wake the controller after it."""
    configuration = RunConfiguration(
        script=resolved.script,
        arguments=resolved.arguments,
        target=resolved.target.name,
        framework=resolved.framework,
        environment_variables={**resolved.environment_variables, **submission.environment_variables},
        secret_names=tuple(sorted(submission.secret_variables)),
        name=resolved.configuration_name,
        conda_dependencies_file=resolved.conda_dependencies_file,
        spark_dependencies_file=resolved.spark_dependencies_file,
        prepare_environment=resolved.prepare_environment,
        time_limit_seconds=time_limit,
        without_effect=resolved.without_effect,
        target_overrides=resolved.target_overrides,
        environment_file=resolved.environment_file,
        environment_lock=submission.environment_lock,
        spark=resolved.spark,
        resources=resolved.resources.given(),
    )
    with transaction.atomic():
        number = next_number(project)
        if not ComputeTarget.objects.held(resolved.target.pk):
            raise SubmissionRefused(
                {"target": [f"{resolved.target.name} was detached at this very moment. Choose another target."]}
            )
        run: Run = Run.objects.create(
            project=project,
            number=number,
            created_by=user,
            parent=submission.parent,
            idempotency_key=submission.idempotency_key or None,
            snapshot=resolved.snapshot,
            target=resolved.target,
            grant_id=resolved.grant_id,
            script=resolved.script,
            configuration=configuration.to_json(),
            description=submission.description,
            time_limit_seconds=time_limit,
            queued_at=timezone.now(),
        )
        if tags:
            Tag.objects.bulk_create(Tag(run=run, name=tag) for tag in tags)
        if submission.secret_variables:
            keep_secrets(run, submission.secret_variables)
        RunEvent.objects.create(run=run, kind="state", to_state=State.QUEUED, actor=user, text="submitted")
        transaction.on_commit(lambda: send_hint(CONTROLLER))
    return run


def next_number(project: Project) -> int:
    """Return the number of a project's next run, with the project's row locked until the transaction ends."""
    counted = Project.objects.select_for_update(no_key=True).values_list("runs_submitted", flat=True).get(pk=project.pk)
    highest = Run.objects.filter(project=project).aggregate(highest=Max("number"))["highest"] or 0
    number = max(counted, highest) + 1
    Project.objects.filter(pk=project.pk).update(runs_submitted=number)
    return number


def rerun(
    user: User, run: Run, *, secret_variables: Mapping[str, str] | None = None, idempotency_key: str | None = None
) -> Run:
    """Queue the same code with the same configuration again, and with the very packages of the environment that it had.

    Secret values are taken over when the same person repeats the run; anybody else must give them again, or the
    submission is refused on `secret_variables`. A target that was detached refuses it on `target`, also when another
    has its name by now. Raises what `submit_run` raises.
    """
    demand_runner(user, run.project)
    if run.target.is_detached:
        raise SubmissionRefused({"target": [refusal_to_repeat(user, run)]})
    configuration = RunConfiguration.from_json(run.configuration)
    secrets = dict(secret_variables or {})
    missing = set(configuration.secret_names) - set(secrets)
    if missing and run.created_by_id == user.pk:
        try:
            secrets = {**secrets_of(run), **secrets}
        except SealBroken as error:
            raise SubmissionRefused({"secret_variables": [f"{', '.join(sorted(missing))}: {error}"]}) from error
    elif missing:
        names = ", ".join(sorted(missing))
        raise SubmissionRefused(
            {"secret_variables": [f"{names}: secret values of another person's run must be typed in again."]}
        )
    return submit_run(
        user,
        run.project,
        Submission(
            script=configuration.script,
            arguments=configuration.arguments,
            target=run.target.name,
            run_configuration=configuration.name or None,
            environment_variables=configuration.environment_variables,
            secret_variables=secrets,
            time_limit_seconds=configuration.time_limit_seconds,
            description=run.description,
            tags=tuple(run.tags.values_list("name", flat=True)),
            parent=run,
            snapshot=run.snapshot,
            idempotency_key=idempotency_key,
            environment_lock=run.environment_hash or configuration.environment_lock,
            framework=configuration.framework,
            spark=configuration.spark,
            resources=configuration.asked_resources,
        ),
    )
