"""What a sweep of the caches of a work folder came to."""

from collections.abc import Mapping
from typing import Any

from computes.errors import TargetError


def swept_bytes(answer: Mapping[str, Any]) -> int:
    """Return the bytes that a sweep has freed. Raises TargetError when the cache was in use."""
    if answer["answer"] != "swept":
        raise TargetError("The cache of contents is in use.", "Try again when no run is being started.")
    return int(answer["bytes"])
