"""From a run's row to what executors are given."""

from pathlib import Path

from django.conf import settings

from computes.contract import ExecutionRequest, Executor, Framework, Limits, RunAddress, TargetSettings
from computes.registry import executor_for
from computes.target_settings import settings_of
from projects.snapshots import manifest_of_snapshot
from runs.models import Run
from runs.run_configuration import RunConfiguration
from runs.secrets import secrets_of


def address_of(run: Run) -> RunAddress:
    """Return where a run lives on its target."""
    return RunAddress(settings.INSTALLATION_ID, run.id.hex, settings_for(run))


def settings_for(run: Run) -> TargetSettings:
    """Return the settings of a run's target, with what the project's own file said instead when it was submitted."""
    return settings_of(run.target, run.configuration.get("target_overrides"))


def executor_of(run: Run) -> Executor:
    """Return the executor that a run was queued for."""
    return executor_for(settings_for(run), run.configuration["framework"])


def request_of(run: Run) -> ExecutionRequest:
    """Return everything that is needed to start a run, secrets included. Raises SealBroken when keys are gone."""
    configuration = RunConfiguration.from_json(run.configuration)
    return ExecutionRequest(
        address=address_of(run),
        framework=Framework(configuration.framework),
        script=configuration.script,
        arguments=configuration.arguments,
        environment=configuration.environment_variables,
        secrets=secrets_of(run) if configuration.secret_names else {},
        manifest=manifest_of_snapshot(run.snapshot),
        blobs=Path(settings.BLOB_DIR),
        project=run.project.slug,
        environment_hash=run.environment_hash,
        spark=configuration.spark_settings,
        resources=configuration.asked_resources.for_spark(),
        limits=Limits(
            time_limit_seconds=run.time_limit_seconds,
            grace_seconds=settings.GRACE_SECONDS,
            log_cap_bytes=settings.LOG_CAP_BYTES,
            free_space_floor_bytes=settings.FREE_SPACE_FLOOR_BYTES,
        ),
    )
