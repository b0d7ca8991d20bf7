"""How often YARN may start the driver of a run."""

from collections.abc import Mapping

ATTEMPTS = "spark.yarn.maxAppAttempts"


def most_attempts(asked: Mapping[str, str]) -> int:
    """Return how often YARN may start the driver: once, unless the user's properties say another number."""
    said = asked.get(ATTEMPTS, "1")
    return int(said) if said.isdigit() and int(said) > 0 else 1
