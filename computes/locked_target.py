"""A target's row while it is changed: one change after the other, and none after its detaching."""

from django.http import Http404

from computes.models import ComputeTarget


class TargetGone(Http404, ComputeTarget.DoesNotExist):
    """The target was detached since it was looked up. To a page or the API it is as if it had never been there."""


def locked(target: ComputeTarget) -> ComputeTarget:
    """Return the target's row as it is now, locked until the surrounding transaction ends. Raises TargetGone."""
    stored: ComputeTarget | None = ComputeTarget.objects.select_for_update().filter(pk=target.pk).first()
    if stored is None:
        raise TargetGone(f"The compute target {target.name} has been detached.")
    return stored
