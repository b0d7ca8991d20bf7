"""Carrying out builds and removals: starting their processes, seeing whether they live, noting what came of them.

A build is never inside a task or a process of ours. Its builder writes files (`computes.build_folder`); whoever looks
at them next, after any crash, knows how it is. A removal goes the same way.
"""

import logging
import re
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from computes.build_folder import Attempt, append_line, end_attempts, log_of, tail_of
from computes.build_outcomes import record_failure, record_outcome
from computes.build_requests import write_request
from computes.builder_process import start_process
from computes.models import ComputeTarget, TargetEnvironment
from computes.shared_prefixes import is_still_orphan, may_share_a_prefix
from projects.secret_box import SealBroken

LEASE_SECONDS = 15
MOST_SILENT_SECONDS = 15
MOST_ATTEMPTS = 3
TIME = re.compile(r"\A\d\d:\d\d:\d\d ")  # the builder's log begins each line with it
BUILDING = TargetEnvironment.State.BUILDING
REMOVER = [sys.executable, "-m", "computes.environment_remover"]
CANCELED_BEFORE = "The build was canceled before it began."
TRY_AGAIN = "Prepare it again; if that fails too, tell the administrator: the server log says more."

log = logging.getLogger(__name__)


def carry_on(environment_id: int) -> None:
    """Bring a build one step on: note its end, tell its builder to end, or start a builder where none lives."""
    if look_at(environment_id):
        return
    row = TargetEnvironment.objects.going_on().select_related("target").filter(pk=environment_id).first()
    if row is None or (claimed := claim(row)) is None:
        return
    token, attempts = claimed
    end_attempts(row.pk)
    if attempts > MOST_ATTEMPTS:
        text = f"It broke off {MOST_ATTEMPTS} times: its process ended before it was done."
        record_failure(row.pk, token, text, TRY_AGAIN)
        return
    if attempts > 1:
        append_line(row.pk, f"It broke off and is taken up again ({attempts} of {MOST_ATTEMPTS}).")
    attempt = Attempt.of(row.pk, token)
    try:
        write_request(row, attempt)
        start_process(attempt, settings.ENVIRONMENT_BUILDER if row.state == BUILDING else REMOVER)
    except SealBroken as error:
        record_failure(row.pk, token, str(error), TRY_AGAIN)
    except (OSError, subprocess.SubprocessError):
        log.exception("The builder of environment %s could not be started", row.pk)


def claim(row: TargetEnvironment) -> tuple[UUID, int] | None:
    """Take the lease of a build that nobody works on; None when there is nothing to do now.

    One environment at a time is built on a target, and the same one on one target at a time: two asks may come to the
    same packages, and two targets may share an engine or a work folder, and so to the same prefix. What was solved for
    the first holds for the next.
    """
    token, now = uuid4(), timezone.now()
    others = TargetEnvironment.objects.going_on().filter(may_share_a_prefix(row)).exclude(pk=row.pk)
    with transaction.atomic():
        concerned = {row.target_id, *others.values_list("target", flat=True)}
        list(ComputeTarget.objects.select_for_update(no_key=True).filter(pk__in=concerned).order_by("pk"))
        is_somebody_at_it = others.filter(lease_expires_at__gt=now).exclude(lease_token=None).exists()
        if is_somebody_at_it or (row.removes_an_orphan and not is_still_orphan(row)):
            return None
        free = Q(lease_token=None, lease_expires_at=None) | Q(lease_expires_at__lt=now)
        claimed = TargetEnvironment.objects.going_on().filter(free, pk=row.pk, cancel_requested_at=None)
        if not claimed.update(
            lease_token=token,
            lease_expires_at=now + timedelta(seconds=LEASE_SECONDS),
            attempts=F("attempts") + 1,
            started_at=now,
            error="",
            remedy="",
        ):
            return None
    return token, TargetEnvironment.objects.values_list("attempts", flat=True).get(pk=row.pk)


def look_at(environment_id: int) -> bool:
    """Look at a build's files and write down what they say. True when nothing else is to be done for now: it has
    ended, its builder lives, or its target was silent a moment ago."""
    row = TargetEnvironment.objects.going_on().filter(pk=environment_id).first()
    if row is None:
        return True
    if row.lease_token is None:
        if row.cancel_requested_at is not None:
            text = "The build was canceled while its target did not answer." if row.error else CANCELED_BEFORE
            return record_failure(row.pk, None, text, "Prepare it again.")
        return row.lease_expires_at is not None and row.lease_expires_at > timezone.now()
    attempt = Attempt.of(row.pk, row.lease_token)
    if (outcome := attempt.outcome()) is not None:
        return record_outcome(row, outcome)
    if row.cancel_requested_at is not None:
        return end_canceled(row, attempt)
    if not attempt.has_process() and attempt.process.exists():
        note_death(row, attempt)
        return False
    if attempt.silent_seconds() < MOST_SILENT_SECONDS:
        keep(row)
        return True
    return False


def end_canceled(row: TargetEnvironment, attempt: Attempt) -> bool:
    """Tell a builder to end; where it is gone or does not listen, its build has ended."""
    with suppress(FileNotFoundError):  # somebody else may note its end, and remove the folder, in this moment
        attempt.cancel.touch()
    waited = (timezone.now() - row.cancel_requested_at).total_seconds() if row.cancel_requested_at else 0.0
    if attempt.has_process() and waited < MOST_SILENT_SECONDS:
        return True
    return record_failure(row.pk, row.lease_token, "The build was canceled.", "Prepare it again.")


def note_death(row: TargetEnvironment, attempt: Attempt) -> None:
    """Let the lease of a builder that died go, unless its result came in the last moment."""
    if attempt.outcome() is None:
        log.warning("The builder of environment %s died. %s", row.pk, attempt.last_complaint())
        TargetEnvironment.objects.filter(pk=row.pk, lease_token=row.lease_token).update(lease_expires_at=row.asked_at)


def keep(row: TargetEnvironment) -> None:
    """Renew the lease of a builder that lives, and note what it does."""
    lines = tail_of(log_of(row.pk))
    progress = TIME.sub("", lines[-1]).rstrip(".")[:200] if lines else ""
    TargetEnvironment.objects.filter(pk=row.pk, lease_token=row.lease_token).update(
        lease_expires_at=timezone.now() + timedelta(seconds=LEASE_SECONDS), progress=progress
    )


def seconds_so_far(row: TargetEnvironment) -> int:
    """Return for how long a build has been going on; 0 before it began."""
    return int((timezone.now() - row.started_at).total_seconds()) if row.started_at else 0
