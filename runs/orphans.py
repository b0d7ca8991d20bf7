"""Orphans: things of ours on a target that belong to no live run, judged by the runs that are known at this moment.

A run that has ended never lives again, and one that nobody knows was never submitted here: so what is an orphan once
stays one, and a run that starts after the look is none. What the server has not fetched yet is never an orphan: a run
that ended keeps its folder until its log and outputs are here, or for LEFTOVER_DAYS.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from computes.models import ComputeTarget, TargetEnvironment
from computes.survey import RunRemains, Survey
from runs.models import Run
from runs.status import TERMINAL

CLEANS_ITSELF_MINUTES = 15
STRAY_MINUTES = 60
UNKNOWN = "The server knows no such run: an older database was restored, or a copy of this server submitted it."
CLEANED = "Its run has ended and was cleaned up, but this is left."
OVERDUE = "Its run has ended and all of it is on the server, but the clean-up has not worked so far."
DETACHED = "Its run has ended, and the target that it ran on was detached."
STRAY_STEP = "It was made for a step of a build, and nothing is being built."
UNKNOWN_ENVIRONMENT = "No environment of this server is kept under this name."


@dataclass(frozen=True, slots=True)
class Orphan:
    """One of them. `key` names it in forms and calls, `why` says why it is one; `run` is the run where it is known."""

    key: str
    what: str
    name: str
    since: datetime | None
    bytes: int | None
    why: str
    is_alive: bool = False
    run: Run | None = None


def orphans_on(target: ComputeTarget, survey: Survey, looked_at: datetime | None = None) -> list[Orphan]:
    """Return the orphans among what a survey has found that began at a moment, the oldest first."""
    of_runs = orphans_of_runs(target, survey.runs, looked_at)
    found = [*of_runs, *stray_containers(survey), *unknown_environments(survey, looked_at)]
    return sorted(found, key=lambda orphan: (orphan.since or datetime.max.replace(tzinfo=UTC), orphan.key))


def orphans_of_runs(
    target: ComputeTarget, remains: Iterable[RunRemains], looked_at: datetime | None = None
) -> list[Orphan]:
    """Return the remains of runs that may go. What was seen before its run was cleaned up has gone with that."""
    remains = list(remains)
    runs = known_runs(each.run_id for each in remains)
    found = []
    for each in remains:
        run = runs.get(each.run_id)
        if run is not None and looked_at is not None and was_cleaned_after(run, looked_at):
            continue
        if why := why_orphaned(target, run):
            found.append(
                Orphan(
                    f"run:{each.run_id}", each.words, each.run_id, moment(each.since), each.bytes, why,
                    is_alive=each.is_alive, run=run,
                )
            )  # fmt: skip
    return found


def known_runs(run_ids: Iterable[str]) -> dict[str, Run]:
    """Return the runs that the server knows, by the id that their things are named after."""
    ids = [UUID(run_id) for run_id in run_ids]
    found = Run.objects.filter(pk__in=ids).select_related("project", "target").defer("packages", "failure_excerpt")
    return {run.pk.hex: run for run in found}


def was_cleaned_after(run: Run, moment: datetime) -> bool:
    """Return whether a run was cleaned up after a moment: a run's last nudge is noted when that is done."""
    return run.is_cleaned_up and run.nudged_at is not None and run.nudged_at >= moment


def why_orphaned(target: ComputeTarget, run: Run | None) -> str:
    """Return why what is left of a run on a target may go; empty where it may not."""
    if run is None:
        return UNKNOWN
    if run.state not in TERMINAL:
        return ""
    if run.is_cleaned_up:
        return CLEANED
    if run.target.is_detached:
        return DETACHED
    patience = timezone.now() - timedelta(minutes=CLEANS_ITSELF_MINUTES)
    is_overdue = run.target_id == target.pk and run.finished_at is not None and run.finished_at < patience
    return OVERDUE if is_overdue and Run.objects.to_clean_up().filter(pk=run.pk).exists() else ""


def stray_containers(survey: Survey) -> list[Orphan]:
    """Return containers that steps of builds have left."""
    if TargetEnvironment.objects.is_any_built():
        return []
    old = timezone.now() - timedelta(minutes=STRAY_MINUTES)
    return [
        Orphan(f"container:{each.id}", "container", each.name, moment(each.since), None, STRAY_STEP)
        for each in survey.containers
        if (since := moment(each.since)) is not None and since < old
    ]


def unknown_environments(survey: Survey, looked_at: datetime | None = None) -> list[Orphan]:
    """Return the environments that no row knows, on whatever target, and that no run uses. What was seen before it was
    removed has gone."""
    if TargetEnvironment.objects.is_any_built():
        return []
    hashes = [each.hash for each in survey.environments]
    known = set(TargetEnvironment.objects.there().filter(lock__in=hashes).values_list("lock", flat=True))
    known |= set(TargetEnvironment.objects.going_on().values_list("digest", flat=True))
    if looked_at is not None:
        gone = TargetEnvironment.objects.filter(state=TargetEnvironment.State.MISSING, finished_at__gte=looked_at)
        known |= set(gone.filter(lock__in=hashes).values_list("lock", flat=True))
    used = set(Run.objects.active().filter(environment_hash__in=hashes).values_list("environment_hash", flat=True))
    return [
        Orphan(f"environment:{each.hash}", "environment", each.hash, moment(each.since), None, UNKNOWN_ENVIRONMENT)
        for each in survey.environments
        if each.hash not in known | used
    ]


def moment(seconds: float) -> datetime | None:
    """Return a moment of a survey, None where it is not known or is none: scripts set the times of their files."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None
