"""The environment of a run: asked for while the run is preparing, waited for without holding a worker."""

import os
from contextlib import suppress
from dataclasses import replace
from shutil import copyfile
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from computes.build_folder import log_of
from computes.environment_asking import Asked, manages_environments
from computes.environment_files import asked_by, asked_by_lock
from computes.errors import PreparationFailed
from computes.models import EnvironmentLock, TargetEnvironment
from computes.models.target_environment import GOING_ON
from computes.preparing_environments import Asker, Building, Failed, NotPrepared, ensure_environment
from runs.leases import release
from runs.models import Run
from runs.run_configuration import RunConfiguration

BUILD_LOG = "build.log"


def environment_is_ready(run: Run, token: UUID) -> bool:
    """Return whether a run has the environment that it needs; if so its hash is on the run. When it is False the lease
    was given back: the run waits for a build, and the controller nudges it when that has ended.

    Raises PreparationFailed or TargetDiskFull when the build failed. Raises PreparationFailed when the files cannot be
    read, when nothing is prepared and the run configuration says that nothing shall be, when the target takes no lock
    any more that the run was to have, and when the run was canceled before it had an environment.
    """
    configuration = RunConfiguration.from_json(run.configuration)
    if not manages_environments(run.target):
        if configuration.environment_lock:
            text = f"Since it was submitted, {run.target.name} was set to prepare no environments; its lock is no use."
            raise PreparationFailed(text, "Submit the script anew to run with the packages that are there.")
        return True
    if run.cancel_requested_at is not None and not run.environment_hash:
        raise PreparationFailed("It was canceled before its environment was there.", "Run it again.")
    asker = Asker(
        project=run.project,
        user=run.created_by,
        purpose=f"run {run.number} of {run.project.name}",
        since=run.preparing_at or timezone.now(),
        may_build=configuration.prepare_environment,
    )
    answer = ensure_environment(run.target, asked_for(run, configuration), asker)
    if isinstance(answer, NotPrepared):
        raise not_prepared(run)
    row = answer.environment
    run.environment = row
    if isinstance(answer, Building):
        wait_for(run, token, row)
        return False
    if isinstance(answer, Failed):
        keep_build_log(run, row)
        raise answer.error
    if not take(run, token, row, answer.hash):
        return environment_is_ready(run, token)  # it was removed in this very moment
    return True


def take(run: Run, token: UUID, row: TargetEnvironment, hash: str) -> bool:
    """Note on a run that it uses an environment, from which moment on nobody may remove that. False when it is not
    there any more."""
    with transaction.atomic():
        locked = TargetEnvironment.objects.select_for_update().get(pk=row.pk)
        if locked.state != TargetEnvironment.State.READY or locked.lock_id != hash:
            return False
        Run.objects.filter(pk=run.pk, lease_token=token).update(environment=row, environment_hash=hash, wait_reason="")
    run.environment_hash = hash
    return True


def asked_for(run: Run, configuration: RunConfiguration) -> Asked:
    """Return what a run asks for: the lock of the run that it repeats, or what its code says; to fit the image that its
    code names. Raises PreparationFailed."""
    image = str(configuration.target_overrides.get("image", ""))
    if configuration.environment_lock:
        lock = EnvironmentLock.objects.filter(hash=configuration.environment_lock).first()
        if lock is None:
            text = f"The lock {configuration.environment_lock} is not in the database any more."
            raise PreparationFailed(text, "Submit the script anew; its environment is then solved again.")
        return replace(asked_by_lock(run.snapshot, lock, configuration.environment_file), image=image)
    return replace(asked_by(run.snapshot, configuration.environment_file), image=image)


def not_prepared(run: Run) -> PreparationFailed:
    """Return why a run that must not build anything cannot start, and which button helps."""
    return PreparationFailed(
        f"Its environment is not prepared on {run.target.name}, and PrepareEnvironment is false.",
        "Press Prepare on this run's Environment page and run it again, or set PrepareEnvironment to true.",
    )


def wait_for(run: Run, token: UUID, row: TargetEnvironment) -> None:
    """Let a run wait for a build: that takes no worker and counts as no attempt."""
    keep_build_log(run, row)
    words = "pulling the image" if row.is_image else "building the environment"
    held = Run.objects.filter(pk=run.pk, lease_token=token)
    held.update(environment=row, environment_hash="", attempts=0, wait_reason=words)
    release(run, token)


def build_has_ended(run: Run) -> bool:
    """Return whether a run waits for a build that is over."""
    return Run.objects.waiting_for_builds().filter(pk=run.pk).exclude(environment__state__in=GOING_ON).exists()


def keep_build_log(run: Run, row: TargetEnvironment) -> None:
    """Make the build's log the run's own: one file under two names, so that the run shows it while it grows and keeps
    it when the environment is built anew or removed."""
    run.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = run.folder / BUILD_LOG
    source = log_of(row.pk)
    with suppress(FileNotFoundError):
        if kept.exists() and kept.samefile(source):
            return
        kept.unlink(missing_ok=True)
        try:
            os.link(source, kept)
        except OSError:
            copyfile(source, kept)
