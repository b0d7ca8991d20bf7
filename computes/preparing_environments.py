"""Asking for an environment on a target: it is ready, it is being built, or it failed. Built once for all who ask."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from computes.build_folder import begin_log, end_attempts
from computes.build_requests import CREDENTIALS, OWNER
from computes.environment_asking import Asked, digest_of, request_of_ask, what_it_must_fit
from computes.errors import PreparationFailed, TargetDiskFull, TargetError
from computes.models import ComputeTarget, TargetEnvironment
from computes.tasks import nudge_build
from projects.models import Project
from projects.secret_box import seal

State = TargetEnvironment.State


@dataclass(frozen=True, slots=True)
class Ready:
    """It may be used, now and as long as the run that asked is on."""

    environment: TargetEnvironment
    hash: str


@dataclass(frozen=True, slots=True)
class Building:
    """It is being built, or removed; ask again when that has ended."""

    environment: TargetEnvironment


@dataclass(frozen=True, slots=True)
class Failed:
    """The build that was waited for failed, or was canceled."""

    environment: TargetEnvironment
    text: str
    remedy: str
    is_disk_full: bool = False

    @property
    def error(self) -> TargetError:
        """Return it as the error that ends the run which waited."""
        return (TargetDiskFull if self.is_disk_full else PreparationFailed)(self.text, self.remedy)


@dataclass(frozen=True, slots=True)
class NotPrepared:
    """It is not there, and the asker did not want it built. `environment` is None when nobody ever asked for it."""

    environment: TargetEnvironment | None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and what for ("run 14 of Digits"). A failure after `since` is an answer to him, an earlier one not."""

    project: Project
    user: User | None
    purpose: str
    since: datetime
    may_build: bool = True
    is_ahead_of_runs: bool = False


Answer = Ready | Building | Failed | NotPrepared


def ensure_environment(target: ComputeTarget, asked: Asked, asker: Asker) -> Answer:
    """Return how an environment is, after asking for its build where it is needed and wanted.

    Of several who ask at once one begins the build, by compare-and-set; the others wait for the same one. A task worker
    is nudged when the surrounding transaction is committed.
    """
    digest = digest_of(asked, target)
    if asked.from_lock is not None and not asker.may_build:
        digest = digest_that_is_ready(asked, target) or digest
    rows = TargetEnvironment.objects.filter(target=target, digest=digest)
    if not asker.may_build and not rows.exists():
        return NotPrepared(None)
    row, _ = TargetEnvironment.objects.get_or_create(
        target=target, digest=digest, defaults={"asked": asked.to_json(), "from_lock": asked.from_lock}
    )
    row.projects.add(asker.project)
    if asker.is_ahead_of_runs:
        rows.update(is_wanted=True)
    if row.state == State.READY and row.lock_id:
        rows.update(last_used_at=timezone.now())
        return Ready(row, row.lock_id)
    if row.is_going_on:
        return Building(row)
    if row.state == State.FAILED and asker.since <= (row.cancel_requested_at or row.finished_at or asker.since):
        return Failed(row, row.error, row.remedy, row.is_disk_full)
    if not asker.may_build:
        return NotPrepared(row)
    begin_build(row, asked, asker)
    row.refresh_from_db()
    return Building(row)


def digest_that_is_ready(asked: Asked, target: ComputeTarget) -> str:
    """Return the digest of any ask that has come to the lock which is asked for and is ready on the target, or nothing.
    One that was asked for another image, or before the target had this one, need not fit."""
    ready = TargetEnvironment.objects.filter(target=target, lock=asked.from_lock, state=State.READY, is_image=False)
    for row in ready.select_related("from_lock").defer("packages"):
        other = Asked.from_json(row.asked, row.from_lock)
        fits = what_it_must_fit(other, target) == what_it_must_fit(asked, target)
        if fits and digest_of(other, target) == row.digest:
            return str(row.digest)
    return ""


def begin_build(row: TargetEnvironment, asked: Asked, asker: Asker) -> None:
    """Begin a build, unless somebody was faster."""
    logins = {address: list(login) for address, login in asked.credentials.items()}
    now = timezone.now()
    with transaction.atomic():
        begun = TargetEnvironment.objects.filter(pk=row.pk, state=row.state).update(
            state=State.BUILDING,
            asked=asked.to_json(),
            request="" if row.is_image else request_of_ask(asked, row.target),
            sealed_credentials=seal(OWNER, row.pk, CREDENTIALS, json.dumps(logins)) if logins else "",
            requested_by=asker.user,
            requested_for=asker.purpose[:200],
            is_wanted=asker.is_ahead_of_runs,
            asked_at=now,
            nudged_at=now,
            started_at=None,
            finished_at=None,
            cancel_requested_at=None,
            canceled_by=None,
            attempts=0,
            lease_token=None,
            lease_expires_at=None,
            progress="",
            error="",
            remedy="",
            failure="",
        )
        if begun:
            end_attempts(row.pk)
            begin_log(row.pk)
            transaction.on_commit(partial(nudge_build, row.pk))


def forget_environment(environment_id: int, hash: str) -> bool:
    """Note that a prefix which should be there is gone, so that it is built again. False when somebody was faster."""
    rows = TargetEnvironment.objects.filter(pk=environment_id, lock=hash, state=State.READY)
    return bool(rows.update(state=State.MISSING, size_bytes=None))


def cancel_build(row: TargetEnvironment, user: User | None) -> bool:
    """Ask for the end of a build. False when there is none, or it was asked before.

    A person's cancel is an answer to all who wait for the build. Without a person, because nobody waits any more, it is
    none: whoever joined at the last moment begins a new build.
    """
    building = TargetEnvironment.objects.filter(pk=row.pk, state=State.BUILDING, cancel_requested_at=None)
    with transaction.atomic():
        asked = building.update(cancel_requested_at=timezone.now(), canceled_by=user)
        if asked:
            transaction.on_commit(partial(nudge_build, row.pk))
    return bool(asked)
