"""What is told of a run's application.

Nothing depends on it, so Livy is asked now and then only, and one that is silent is left alone for a while: the logs of
its runs do not wait for it.
"""

import time
from dataclasses import replace

from computes.contract import ApplicationFacts
from computes.errors import TargetError
from computes.executors.livy.batch import ENDED, Batch
from computes.executors.livy.run_behind_livy import RunBehindLivy
from computes.executors.livy.waiting_words import is_queued, waiting
from computes.executors.plain_text import plain
from computes.in_run.amlweb_cluster.beats import progress_in
from computes.in_run.amlweb_cluster.sight import NO_EXECUTOR
from computes.spark_driver.layout import driver_name, latest_attempt

ASK_SECONDS = 5.0
REST_SECONDS = 60.0


def of_batch(batch: Batch) -> ApplicationFacts:
    """Return what a batch says whose driver has not begun."""
    return ApplicationFacts(
        id=batch.application,
        batch=str(batch.id),
        state="ACCEPTED" if batch.is_waiting and is_queued(batch) else batch.state.upper(),
        is_waiting=batch.is_waiting,
        why=waiting(batch) if batch.is_waiting else "",
        spark_page=batch.spark_page,
        driver_log=batch.driver_log,
    )


def of_driver(run: RunBehindLivy, names: frozenset[str], *, has_ended: bool) -> ApplicationFacts:
    """Return what is known of an application whose driver has begun, with the progress that it tells of.

    Livy is behind the driver: that one runs although it is said to be starting, and has ended although it is said to
    run; then the cluster's word is left out. Its word on the end is the last one: later it forgets.
    """
    told = run.seen.told
    is_final = told is not None and has_ended and told.state.lower() in ENDED
    if told is None or (not is_final and run.seen.is_due(f"application, {has_ended=}", ASK_SECONDS)):
        told = run.seen.told = ask(run, names, has_ended=has_ended)
    return with_progress(told, names, has_ended=has_ended)


def with_progress(told: ApplicationFacts, names: frozenset[str], *, has_ended: bool) -> ApplicationFacts:
    """Return what is told with stages and tasks, as far as the driver's last sign of life has them."""
    progress = progress_in(names) or {}
    waits = progress.pop("has_no_executor", False) and not has_ended
    return replace(told, **progress, is_waiting=waits, why=NO_EXECUTOR if waits else "")


def ask(run: RunBehindLivy, names: frozenset[str], *, has_ended: bool) -> ApplicationFacts:
    """Return what driver and Livy say now; Livy's silence leaves out what only it knows."""
    claim = run.shared.record(driver_name(latest_attempt(names))) or {}
    number = run.batch_number()
    batch = ask_livy(run, number)
    if has_ended:
        state = batch.state if batch is not None and batch.has_ended else ""
    else:
        state = batch.state if batch is not None and not batch.is_waiting else "running"
    return ApplicationFacts(
        id=(batch.application if batch is not None else "") or plain(claim.get("application")),
        batch="" if number is None else str(number),
        state=state.upper(),
        spark_page=batch.spark_page if batch is not None else "",
        driver_log=batch.driver_log if batch is not None else "",
    )


def ask_livy(run: RunBehindLivy, number: int | None) -> Batch | None:
    """Return the batch; None where Livy does not know it, or is silent, now or a moment ago."""
    if number is None or time.monotonic() < run.livy.rests_until:
        return None
    try:
        return run.batch()
    except TargetError:
        run.livy.rests_until = time.monotonic() + REST_SECONDS
        return None
