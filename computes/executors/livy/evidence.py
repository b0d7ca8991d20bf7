"""What a look at a run says: the driver's record first, then its signs of life, then Livy's word.

Livy alone never proves how a script ended: its states are those of YARN, and it forgets. What it says can only prove
that no driver is there any more.
"""

from dataclasses import replace

from computes.contract import ApplicationFacts, Condition, ExitRecord, Loss, RunFolderStatus
from computes.executors.answers import FORGED, exit_record_of
from computes.executors.livy.application import of_batch, of_driver
from computes.executors.livy.closing import KILLED, close, heard_in
from computes.executors.livy.run_behind_livy import RunBehindLivy
from computes.executors.livy.submission import batch_name
from computes.executors.livy.system_log import system_bytes
from computes.executors.livy.verdicts import ENDS, FORGOTTEN, after_a_driver, before_a_driver, canceled, loss_in
from computes.executors.livy.waiting_words import silent_driver, waiting
from computes.executors.plain_text import plain
from computes.in_run.amlweb_cluster.beats import latest_beat
from computes.spark_driver.layout import BATCH, CLOSING, EXIT, LOG, METRICS, SUBMITTED, VERDICT, latest_attempt


def status_of(run: RunBehindLivy) -> RunFolderStatus:
    """Look at a run. Raises TargetUnreachable where the storage does not answer, or Livy is needed and does not."""
    names = run.shared.names()
    if not names:
        run.shared.require_mark()
        return RunFolderStatus(Condition.ABSENT, why="There is no trace of this run in the shared storage.")
    if VERDICT in names or EXIT in names:
        return ended(run, VERDICT if VERDICT in names else EXIT, names)
    if latest_attempt(names):
        return with_driver(run, names)
    if BATCH in names:
        return without_driver(run)
    if SUBMITTED in names:
        batch = run.livy.find(batch_name(run.shared))
        if batch is None:
            return RunFolderStatus(Condition.ABSENT, why="Livy was asked to start this run, but has no batch of it.")
        run.shared.claim(BATCH, {"id": batch.id})
        return without_driver(run)
    return RunFolderStatus(Condition.ABSENT, why="The code is being placed; nothing was started yet.")


def ended(run: RunBehindLivy, name: str, names: frozenset[str]) -> RunFolderStatus:
    """Return how a run ended, with what is known of its application."""
    status = end_in(run, name)
    return replace(status, application=of_driver(run, names, has_ended=True))


def end_in(run: RunBehindLivy, name: str) -> RunFolderStatus:
    """Return how a run ended, by the driver's record or by what we concluded without one."""
    record = run.shared.record(name)
    close(run)
    if record is None:
        return sized(run, Condition.LOST, why=FORGED, supervised=False, is_closed=True)
    if why := plain(record.get("failure")):
        words = f"The script was not started: {why}."
        return sized(run, Condition.LOST, why=words, loss=Loss.NOT_STARTED, is_closed=True)
    if why := plain(record.get("lost")):
        remedy = plain(record.get("remedy"))
        supervised = not record.get("has_begun")
        words = f"{why} {remedy}".strip()
        return sized(run, Condition.LOST, why=words, supervised=supervised, loss=loss_in(record), is_closed=True)
    try:
        found = exit_record_of(record)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
        return sized(run, Condition.LOST, why=FORGED, supervised=False, is_closed=True)
    return sized(run, Condition.EXITED, record=found, is_closed=True)


def with_driver(run: RunBehindLivy, names: frozenset[str]) -> RunFolderStatus:
    """Return how a run is whose driver has begun and has recorded no end."""
    silent = run.seen.seconds("beat", latest_beat(names))
    if silent < run.patience.silence_seconds:
        return sized(run, Condition.ALIVE, application=of_driver(run, names, has_ended=False))
    batch = run.batch()
    if batch is not None and not batch.has_ended:
        return sized(run, Condition.ALIVE, why=silent_driver(silent, batch))
    return concluded(run, after_a_driver(batch, words_of_livy(run)))


def without_driver(run: RunBehindLivy) -> RunFolderStatus:
    """Return how a run is that Livy was given and whose driver has not begun."""
    batch = run.batch()
    state = batch.state if batch is not None else ""
    since = run.seen.seconds("state", state)
    if batch is None:
        if since < run.patience.forgotten_seconds:
            return sized(
                run, Condition.STARTING, why="Livy does not know the batch any more; its driver may yet begin."
            )
        return concluded(run, {"lost": FORGOTTEN})
    if not batch.has_ended:
        return sized(run, Condition.STARTING, why=waiting(batch), application=of_batch(batch))
    if since < run.patience.rest_seconds:
        return sized(run, Condition.STARTING, why=f"The batch {ENDS[batch.state]}; its record is waited for.")
    return concluded(run, before_a_driver(batch, words_of_livy(run)))


def words_of_livy(run: RunBehindLivy) -> list[str]:
    """Return all that Livy heard of a batch that has ended."""
    close(run)
    return heard_in((run.shared.read(CLOSING) or b"").decode("utf-8", "replace"))


def concluded(run: RunBehindLivy, verdict: dict[str, object]) -> RunFolderStatus:
    """Write down, once, what follows without a record of the driver, unless one has come in this moment. Where we have
    had the batch killed, the run was canceled."""
    names = run.shared.names()
    if EXIT in names:
        return ended(run, EXIT, names)
    run.shared.claim(VERDICT, canceled(run.seen.parts, 0.0) if KILLED in names else verdict)
    return ended(run, VERDICT, names)


def sized(
    run: RunBehindLivy,
    condition: Condition,
    *,
    record: ExitRecord | None = None,
    why: str = "",
    supervised: bool = True,
    loss: Loss = Loss.UNKNOWN,
    is_closed: bool = False,
    application: ApplicationFacts | None = None,
) -> RunFolderStatus:
    """Return a status with the sizes of the streams."""
    parts = run.seen.parts
    parts.refresh()
    return RunFolderStatus(
        condition=condition,
        exit=record,
        why=why,
        supervised=supervised,
        log_bytes=parts.end_of(LOG),
        system_bytes=system_bytes(run.shared, parts, is_closed=is_closed),
        metrics_bytes=parts.end_of(METRICS),
        application=application,
        loss=loss,
    )
