"""The image of a run that is not on its target yet: asked for while it is preparing, waited for without a worker."""

from uuid import UUID

from django.utils import timezone

from computes.errors import ImageMissing
from computes.preparing_environments import Asker, Building
from computes.preparing_images import ensure_image
from runs.execution_requests import settings_for
from runs.lifecycle.environment import keep_build_log, wait_for
from runs.models import Run


def wait_for_image(run: Run, token: UUID, error: ImageMissing) -> None:
    """Have a run's image pulled, and let the run wait for that; it is launched again when the pull has ended.

    Raises PreparationFailed or TargetDiskFull when the pull has failed for this run.
    """
    container = settings_for(run).container
    if container is None:
        raise error
    asker = Asker(
        project=run.project,
        user=run.created_by,
        purpose=f"run {run.number} of {run.project.name}",
        since=run.preparing_at or timezone.now(),
    )
    answer = ensure_image(run.target, container.image, asker)
    run.environment = answer.environment
    if isinstance(answer, Building):
        wait_for(run, token, answer.environment)
        return
    keep_build_log(run, answer.environment)
    raise answer.error
