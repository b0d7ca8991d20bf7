"""Asking for an image on a target, for runs with the packages of that image: pulled once for all who ask.

It goes the way of an environment's build: a process of its own that outlives the task worker, watched by its files.
"""

import hashlib

from computes.environment_asking import Asked
from computes.models import ComputeTarget, TargetEnvironment
from computes.preparing_environments import Asker, Building, Failed, begin_build

State = TargetEnvironment.State
PULLED = "The image {image} was pulled, but it is not on {target}."
REMEDY = "Somebody may have removed it in this moment: run it again. Or correct the image's name."


def ensure_image(target: ComputeTarget, image: str, asker: Asker) -> Building | Failed:
    """Have an image pulled that is not on a target, unless it is being pulled already or that failed for the asker."""
    asked = Asked(image=image, source=image)
    row, _ = TargetEnvironment.objects.get_or_create(
        target=target, digest=digest_of_image(image), defaults={"asked": asked.to_json(), "is_image": True}
    )
    row.projects.add(asker.project)
    if row.is_going_on:
        return Building(row)
    ended_at = row.cancel_requested_at or row.finished_at
    if ended_at is not None and ended_at >= asker.since and row.state == State.FAILED:
        return Failed(row, row.error, row.remedy, row.is_disk_full)
    if ended_at is not None and ended_at >= asker.since and row.state == State.READY:
        return Failed(row, PULLED.format(image=image, target=target.name), REMEDY)
    begin_build(row, asked, asker)
    row.refresh_from_db()
    return Building(row)


def digest_of_image(image: str) -> str:
    """Return what names the pull of an image on a target, as 64 hexadecimal digits."""
    return hashlib.sha256(f"image {image}".encode()).hexdigest()
