"""What else may be full in a container: its shared memory is a small disk of its own."""

from dataclasses import replace

from computes.models import ComputeTarget
from computes.sizes import size_for
from runs.lifecycle.outcome import DISK_MARKS, Outcome
from runs.status import FailureReason

USUAL_BYTES = 64 * 1024**2


def outcome_with_shared_memory(outcome: Outcome, target: ComputeTarget) -> Outcome:
    """Return the outcome of a script that found a disk full in a container with a word on /dev/shm; any other as it
    is."""
    is_own = outcome.reason == FailureReason.DISK_FULL and any(mark in outcome.detail for mark in DISK_MARKS)
    if not is_own or not target.is_in_containers:
        return outcome
    size = size_for(target.shm_bytes or USUAL_BYTES)
    advice = (
        f"If it was /dev/shm that was full, as with data loaders of PyTorch: containers of {target.name} have {size} "
        "of it; an administrator can give them more (Shared memory of the target)."
    )
    return replace(outcome, detail=f"{outcome.detail}. {advice}")
