"""Noting on a run what a cluster says of its application."""

import time
from dataclasses import asdict, replace

from django.db.models import F

from computes.contract import ApplicationFacts
from computes.executors.plain_text import plain
from computes.page_addresses import page_address
from runs.events import record
from runs.models import Run

PROGRESS_SECONDS = 1.0
LONGEST_WORD = 200
LARGEST = 2**31 - 1
REMEMBERED = ("id", "batch", "spark_page", "driver_log")


class ApplicationNotes:
    """Keeps what was said last on the run's row: what is new at once, mere progress at most once a second."""

    def __init__(self) -> None:
        self.noted_at = float("-inf")

    def take(self, run: Run, said: ApplicationFacts, *, is_final: bool) -> None:
        """Note what is new. An id or a page that was known is not forgotten, and no count is believed beyond reason."""
        known = run.application_facts or ApplicationFacts()
        facts = in_bounds(said)
        facts = replace(facts, **{name: getattr(facts, name) or getattr(known, name) for name in REMEMBERED})
        if facts == known:
            return
        is_progress = without_progress(facts) == without_progress(known)
        if is_progress and not is_final and time.monotonic() - self.noted_at < PROGRESS_SECONDS:
            return
        self.noted_at = time.monotonic()
        run.application = asdict(facts)
        Run.objects.filter(pk=run.pk).update(
            application=run.application, application_version=F("application_version") + 1
        )
        for text in events_between(known, facts):
            record(run, "note", text)


def in_bounds(said: ApplicationFacts) -> ApplicationFacts:
    """Return facts as short plain texts and counts that hang together: not more is done than there is."""
    stages, tasks = (min(max(count, 0), LARGEST) for count in (said.stages, said.tasks))
    return ApplicationFacts(
        id=plain(said.id)[:LONGEST_WORD],
        batch=plain(said.batch)[:LONGEST_WORD],
        state=plain(said.state)[:LONGEST_WORD],
        is_waiting=said.is_waiting,
        why=plain(said.why),
        stages_done=min(max(said.stages_done, 0), stages),
        stages=stages,
        tasks_done=min(max(said.tasks_done, 0), tasks),
        tasks=tasks,
        spark_page=page_address(said.spark_page),
        driver_log=page_address(said.driver_log),
    )


def without_progress(facts: ApplicationFacts) -> ApplicationFacts:
    """Return facts without their counts."""
    return replace(facts, stages_done=0, stages=0, tasks_done=0, tasks=0)


def events_between(known: ApplicationFacts, facts: ApplicationFacts) -> list[str]:
    """Return in words what belongs into the run's history."""
    texts = []
    if facts.id and not known.id:
        texts.append(f"Its application on the cluster is {facts.id}.")
    elif facts.batch and not known.batch:
        texts.append(f"Its batch in Livy is {facts.batch}.")
    if facts.is_waiting and not known.is_waiting:
        texts.append(f"{facts.queue_words}. {facts.why}".strip())
    if known.is_waiting and not facts.is_waiting:
        texts.append("The cluster took the application out of its queue.")
    return texts
