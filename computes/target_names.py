"""Which names targets can have."""

from django.core.exceptions import ValidationError

from computes.models import ComputeTarget
from computes.models.compute_target import NAME_RULE
from computes.refusals import TargetRefused

RESERVED_NAMES = ("new",)
ANOTHER = "Choose another name."


def refuse_unusable_name(name: str, target: ComputeTarget | None = None) -> None:
    """Raise TargetRefused on the name unless a new target, or this one, can be called that."""
    try:
        NAME_RULE(name)
    except ValidationError as error:
        raise TargetRefused("name", str(error.messages[0]), ANOTHER) from error
    if name in RESERVED_NAMES:
        raise TargetRefused("name", f"{name} is the address of a page.", ANOTHER)
    others = ComputeTarget.objects.exclude(pk=target.pk) if target else ComputeTarget.objects.all()
    if others.filter(name__iexact=name).exists():
        raise TargetRefused("name", f"There is a target named {name} already.", ANOTHER)
