"""What is said of a run whose target was detached."""

from django.contrib.auth.models import User

from computes.models import ComputeTarget
from computes.registry import refusal_for
from runs.models import Run


def refusal_to_repeat(user: User, run: Run) -> str:
    """Return why a run of a detached target is not repeated as it was, and where its script may run now."""
    usable = ComputeTarget.objects.usable_by(user, run.project)
    names = [target.name for target in usable if not refusal_for(target.kind, run.configuration["framework"])]
    remedy = f"Choose another target: {', '.join(names)}." if names else "Ask an administrator for another target."
    return f"{run.target.name}, where run {run.number} ran, is detached. {remedy}"


def refusal_of_parents_target(parent: Run | None, name: str) -> str:
    """Return why the target that a run to be repeated names cannot be chosen; nothing where it is not the reason."""
    if parent is None or not parent.target.is_detached or name != parent.target.name:
        return ""
    return f"Run {parent.number} ran there; the target is detached since. Choose another one."
