"""What came of a build, written on its row: by the holder of the lease only, and only once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from computes import contact
from computes.build_folder import append_line, end_attempts
from computes.environments.lock_json import BadLock, lock_from_json
from computes.models import EnvironmentLock, TargetEnvironment, TargetSurvey

AGAIN = "Prepare it again; if that fails too, tell the administrator."
PAUSE_IN_SILENCE_SECONDS = 30


def record_outcome(row: TargetEnvironment, outcome: Mapping[str, Any]) -> bool:
    """Write down a result: ready, failed, canceled, unreachable, or removed. Returns True: nothing else is to be
    done."""
    if outcome["state"] == "removed":
        return record_removal(row)
    if outcome["state"] == "unreachable":
        return record_silence(row, str(outcome["error"]), str(outcome["remedy"]))
    if outcome["state"] != "ready":
        text = str(outcome.get("error") or "The build ended without saying why.")
        remedy, failure = str(outcome.get("remedy") or AGAIN), str(outcome.get("failure") or "")
        return record_failure(row.pk, row.lease_token, text, remedy, failure)
    contact.note_answer(row.target_id)
    if row.is_image:
        return record_pull(row, outcome.get("report") or {})
    try:
        lock = lock_from_json(outcome["lock"])
    except BadLock as error:
        return record_failure(row.pk, row.lease_token, f"The builder's lock cannot be read: {error}", AGAIN)
    with transaction.atomic():
        EnvironmentLock.objects.get_or_create(hash=lock.hash, defaults={"text": outcome["lock"]})
        now = timezone.now()
        ended = end(
            row.pk,
            row.lease_token,
            state=TargetEnvironment.State.READY,
            lock_id=lock.hash,
            packages=outcome.get("packages") or {package.name: package.version for package in lock.packages},
            size_bytes=outcome.get("size_bytes"),
            seconds=outcome.get("report") or {},
            finished_at=now,
            last_used_at=now,
        )
    if ended:
        end_attempts(row.pk)
    return True


def record_pull(row: TargetEnvironment, seconds: Mapping[str, float]) -> bool:
    """Note that an image is there; what is in it is not ours."""
    if end(row.pk, row.lease_token, state=TargetEnvironment.State.READY, seconds=seconds, finished_at=timezone.now()):
        end_attempts(row.pk)
    return True


def record_removal(row: TargetEnvironment) -> bool:
    """Note that a prefix is gone, on every row of the target that it was built for. The row of one that nobody knew
    goes with it."""
    if row.lock_id is None:
        end_attempts(row.pk)
        take_out_of_surveys(row)
        TargetEnvironment.objects.filter(pk=row.pk, state=TargetEnvironment.State.REMOVING).delete()
        return True
    same = TargetEnvironment.objects.filter(target=row.target_id, lock=row.lock_id)
    same.filter(state=TargetEnvironment.State.REMOVING).update(
        state=TargetEnvironment.State.MISSING,
        size_bytes=None,
        lease_token=None,
        lease_expires_at=None,
        finished_at=timezone.now(),
    )
    end_attempts(row.pk)
    return True


@transaction.atomic
def take_out_of_surveys(row: TargetEnvironment) -> None:
    """Take a prefix that nobody knew out of what was seen on its target, where it is not any more: no row says so."""
    for survey in TargetSurvey.objects.select_for_update().filter(target=row.target_id).exclude(found=None):
        found: dict[str, Any] = survey.found or {}
        left = [each for each in found["environments"] if each["hash"] != row.digest]
        survey.found = {**found, "environments": left}
        survey.save(update_fields=["found"])


def record_silence(row: TargetEnvironment, text: str, remedy: str) -> bool:
    """Note that the target does not answer, which ends no build: it counts as no attempt, and after a pause the build
    is begun again. Until then the row holds no token, and its lease says when the pause is over."""
    held = TargetEnvironment.objects.going_on().filter(pk=row.pk, lease_token=row.lease_token)
    if held.update(
        lease_token=None,
        lease_expires_at=timezone.now() + timedelta(seconds=PAUSE_IN_SILENCE_SECONDS),
        attempts=0,
        progress="",
        error=text,
        remedy=remedy,
    ):
        contact.note_silence(row.target_id, f"{text} {remedy}".strip())
        end_attempts(row.pk)
    return True


def record_failure(environment_id: int, token: UUID | None, text: str, remedy: str, failure: str = "") -> bool:
    """End a build that came to nothing; one that was canceled because nobody waited for it is as if it never was."""
    row = TargetEnvironment.objects.filter(pk=environment_id).first()
    is_unwanted = row is not None and row.cancel_requested_at is not None and row.canceled_by_id is None
    if end(
        environment_id,
        token,
        state=TargetEnvironment.State.MISSING if is_unwanted else TargetEnvironment.State.FAILED,
        error=text,
        remedy=remedy,
        failure=failure,
        finished_at=timezone.now(),
    ):
        append_line(environment_id, f"{text} {remedy}")
        end_attempts(environment_id)
    return True


def end(environment_id: int, token: UUID | None, **facts: Any) -> bool:
    """Write the end of a build while the lease is ours. False when somebody was faster."""
    rows = TargetEnvironment.objects.going_on().filter(pk=environment_id, lease_token=token)
    return bool(rows.update(lease_token=None, lease_expires_at=None, progress="", sealed_credentials="", **facts))
