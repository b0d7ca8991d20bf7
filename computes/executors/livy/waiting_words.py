"""What a run is waiting for on the cluster, in words for its page."""

from computes.executors.livy.batch import Batch

QUEUED = ("ACCEPTED", "waiting for AM container", "not enough resources", "resource limit", "Insufficient")


def waiting(batch: Batch) -> str:
    """Return what a batch is waiting for whose driver has not begun."""
    if not batch.is_waiting:
        return f"The application {batch.application or 'of the run'} runs; its driver has not begun the script yet."
    said = [line.strip() for line in batch.lines if any(mark in line for mark in QUEUED)]
    if said:
        return f"The application waits in YARN's queue for resources: {said[-1][:300]}"
    if batch.application:
        return f"YARN has taken the application {batch.application} and has not started its driver yet."
    return "Livy is submitting the batch to the cluster."


def silent_driver(seconds: float, batch: Batch) -> str:
    """Return what is said of a driver that does not write any more while Livy knows it to be running."""
    return (
        f"The driver has written nothing to the shared storage for {seconds:.0f} s; Livy says that the batch is "
        f"{batch.state}. It is presumed alive."
    )
