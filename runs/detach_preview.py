"""What detaching a target would mean: what is in the way, what stays here, and what is left on its host."""

from dataclasses import dataclass

from computes.environment_asking import WITH_IMAGES
from computes.models import ComputeTarget
from computes.target_settings import work_folder_of
from runs.models import Run
from runs.status import TERMINAL
from runs.target_space import TargetSpace, space_on


@dataclass(frozen=True, slots=True)
class DetachPreview:
    """`active` runs are in the way, `recorded` ones are kept. Of `uncleaned` ended runs something may be on the target
    that would have been fetched or removed later. `space` is what the last look there has found."""

    active: int
    recorded: int
    uncleaned: int
    space: TargetSpace
    work_folder: str
    has_images: bool
    public_key: str


def detach_preview(target: ComputeTarget) -> DetachPreview:
    """Return it as it is now."""
    runs = Run.objects.filter(target=target)
    return DetachPreview(
        active=runs.active().count(),
        recorded=runs.count(),
        uncleaned=runs.filter(state__in=TERMINAL, is_cleaned_up=False).count(),
        space=space_on(target),
        work_folder=work_folder_of(target),
        has_images=target.kind in WITH_IMAGES,
        public_key=target.public_key,
    )
