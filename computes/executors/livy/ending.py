"""Stopping a run and cleaning up after it.

While a driver lives, the stop is a file that it sees within seconds: so the script gets TERM and its grace, and its
outputs and record still come. Livy is told to kill where no driver has begun, or where it did not end in time.
"""

import time

from computes.contract import Condition, StopReceipt, StopState
from computes.errors import TargetError
from computes.executors.answers import STOP_TEXTS
from computes.executors.livy.closing import KILLED, close, closing_of
from computes.executors.livy.evidence import status_of
from computes.executors.livy.run_behind_livy import RunBehindLivy
from computes.executors.livy.verdicts import canceled
from computes.in_run.amlweb_cluster.beats import latest_beat
from computes.spark_driver.layout import BATCH, CANCEL, EXIT, SUBMITTED, VERDICT, latest_attempt

STOPPED = "stopped"
CLEANED_UP = "cleaned up"


def stop(run: RunBehindLivy, grace_seconds: float) -> StopReceipt:
    """Ask for the end and return at once. Asked again later, it does what the first time was not enough."""
    shared = run.shared
    shared.open()
    names = shared.names()
    if EXIT in names or VERDICT in names:
        return StopReceipt(StopState.GONE, STOP_TEXTS[StopState.GONE])
    shared.bury(STOPPED)
    names = shared.names()
    if SUBMITTED not in names:
        return StopReceipt(StopState.NEVER_STARTED, STOP_TEXTS[StopState.NEVER_STARTED])
    if shared.claim(CANCEL, {"grace_seconds": max(0.0, grace_seconds), "time": time.time()}):
        names |= {CANCEL}
    if latest_attempt(names):
        return stop_driver(run, names, max(0.0, grace_seconds))
    return stop_batch(run, names)


def stop_driver(run: RunBehindLivy, names: frozenset[str], grace_seconds: float) -> StopReceipt:
    """End a run whose driver has begun: by itself, and when that takes too long by Livy.

    Scripts can write over what was asked of their driver: it gives them no longer grace than this stop does.
    """
    waited = max(run.seen.seconds("stop", "asked"), seconds_since_asked(run))
    if waited < grace_seconds + run.patience.margin_seconds:
        return ending("The driver sees it within seconds: TERM to the script, KILL after the grace.")
    beat = latest_beat(names)
    if not kill(run):
        return ending("Livy was told to kill the batch.")
    still = run.seen.seconds("beat", beat)
    if still < run.patience.rest_seconds:
        return ending("Livy has killed the batch; the driver's signs of life are waited for to cease.")
    conclude(run, waited)
    return StopReceipt(StopState.GONE, STOP_TEXTS[StopState.GONE])


def seconds_since_asked(run: RunBehindLivy) -> float:
    """Return how long ago a stop was first asked for, by what was noted in the storage; 0 where that says nothing."""
    try:
        return time.time() - float((run.shared.record(CANCEL) or {})["time"])
    except (LookupError, TypeError, ValueError, OverflowError):
        return 0.0


def stop_batch(run: RunBehindLivy, names: frozenset[str]) -> StopReceipt:
    """End a run whose driver has not begun. A driver that begins in spite of this sees the tombstone."""
    is_gone = kill(run)
    if BATCH not in run.shared.names():
        return StopReceipt(StopState.NEVER_STARTED, STOP_TEXTS[StopState.NEVER_STARTED])
    if not is_gone:
        return ending("Livy was told to kill the batch before its driver began.")
    if latest_attempt(run.shared.names()):
        return ending("The driver has begun in this moment; it sees the stop by itself.")
    conclude(run, 0.0)
    return StopReceipt(StopState.GONE, "The batch was killed before its driver began, and now it never will.")


def kill(run: RunBehindLivy) -> bool:
    """Have Livy kill the batch; True when its own state, or that it knows it no more, says that the batch is over."""
    batch = run.batch()
    if batch is None:
        return True
    run.shared.claim(BATCH, {"id": batch.id})
    if not batch.has_ended:
        run.shared.storage.claim(f"{run.shared.folder}/{KILLED}", closing_of(run))
        run.livy.delete(batch.id)
        batch = run.batch()
    return batch is None or batch.has_ended


def conclude(run: RunBehindLivy, waited: float) -> None:
    """Record that the run was canceled, where its driver cannot."""
    close(run)
    run.shared.claim(VERDICT, canceled(run.seen.parts, waited))


def clean_up(run: RunBehindLivy) -> None:
    """Remove the run's folder and leave a tombstone. Raises TargetError while the run may live."""
    shared = run.shared
    shared.open()
    if shared.names() and status_of(run).condition in (Condition.ALIVE, Condition.STARTING):
        raise TargetError("The run's folder was not removed: its batch is alive.", "Stop the run first.")
    shared.bury(CLEANED_UP)
    shared.storage.remove(shared.folder)


def ending(text: str) -> StopReceipt:
    """Return the receipt of a stop that is under way."""
    return StopReceipt(StopState.ENDING, text)
