"""Which limit of its container a script has run into, where its own words do not say so."""

from dataclasses import replace

from computes.models import ComputeTarget
from computes.sizes import size_for
from runs.lifecycle.outcome import DISK_MARKS, Outcome
from runs.status import FailureReason

USUAL_SHM_BYTES = 64 * 1024**2
PROCESS_MARKS = ("can't start new thread", "BlockingIOError: [Errno 11] Resource temporarily unavailable")


def outcome_with_limits(outcome: Outcome, target: ComputeTarget) -> Outcome:
    """Return the outcome of a script in a container with a word on the limit that it may have reached: /dev/shm, a
    small disk of its own, and the number of processes. Any other as it is."""
    advice = advice_on(outcome, target) if target.is_in_containers else ""
    return replace(outcome, detail=f"{outcome.detail}. {advice}") if advice else outcome


def advice_on(outcome: Outcome, target: ComputeTarget) -> str:
    """Return what may have to be changed on a target that makes containers, or empty."""
    if outcome.reason == FailureReason.DISK_FULL and any(mark in outcome.detail for mark in DISK_MARKS):
        size = size_for(target.shm_bytes or USUAL_SHM_BYTES)
        return (
            f"If it was /dev/shm that was full, as with data loaders of PyTorch: containers of {target.name} have "
            f"{size} of it; an administrator can give them more (Shared memory of the target)."
        )
    is_crowded = outcome.reason == FailureReason.SCRIPT_FAILED and any(mark in outcome.detail for mark in PROCESS_MARKS)
    if is_crowded and target.most_processes:
        return (
            f"Containers of {target.name} may have {target.most_processes} processes and threads; an administrator can "
            "allow more (Most processes of the target)."
        )
    return ""
