"""Whether the environments that were prepared on a target are still there."""

from collections.abc import Callable

from computes.contract import TargetSettings
from computes.executors.findings import Finding

SHOWN = 3


def check_environments(settings: TargetSettings, is_there: Callable[[str], bool]) -> Finding:
    """Look for each environment that was built there, by its hash."""
    known = settings.environments
    if not known:
        return (
            True,
            "None is prepared yet.",
            "A run builds what it needs; Prepare on the project's page does so before.",
        )
    gone = [hash for hash in known if not is_there(hash)]
    if gone:
        return (
            False,
            f"Not there any more, though it was prepared: {listed(gone)}.",
            "It was removed from outside. The next run that needs it builds it again.",
        )
    return True, f"Prepared and there: {listed(known)}.", ""


def listed(hashes: tuple[str, ...] | list[str]) -> str:
    """Return the beginnings of the first few hashes, and how many more there are."""
    shown = [hash[:12] for hash in hashes[:SHOWN]]
    more = len(hashes) - len(shown)
    return ", ".join([*shown, *([f"and {more} more"] if more else [])])
