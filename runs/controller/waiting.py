"""Why a run waits, in words for its page."""

from runs.models import Run


def behind(others: list[Run]) -> str:
    """Return who is before a run: "behind run 12 of Bob and 1 more"."""
    if not others:
        return "waiting for a free slot"
    first, rest = others[0], len(others) - 1
    person = (first.created_by.get_full_name() or first.created_by.username) if first.created_by else "somebody"
    more = f" and {rest} more" if rest else ""
    return f"behind run {first.number} of {person}{more}"


def tell(run: Run, reason: str) -> None:
    """Write the reason on the run when it has changed."""
    if run.wait_reason != reason[:300]:
        Run.objects.filter(pk=run.pk).update(wait_reason=reason[:300])
