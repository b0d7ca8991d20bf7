"""Carrying out a clean-up of a target that an administrator has asked for: orphans, and cached contents by their age.

What was chosen is judged once more before it is touched. A task has less than a minute, so what takes longer goes on
in a next one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from computes.cleaning import clean_remains, remove_stray_container, sweep_caches
from computes.contract import Framework, RunAddress
from computes.errors import TargetError, TargetUnreachable
from computes.models import ComputeTarget, TargetEnvironment, TargetErrand, TargetSurvey
from computes.survey_work import carry_out_survey
from computes.target_history import note_change
from computes.target_settings import settings_of
from runs.execution_requests import settings_for
from runs.models import Run
from runs.orphans import known_runs, why_orphaned

WORK_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 0.5
LONGEST_GRACE_SECONDS = 10.0
MOST_ROUNDS = 10


@dataclass
class Done:
    """What came of a clean-up so far. `left` are the ids of runs that are to be looked at again."""

    removed: int = 0
    spared: int = 0
    bytes: int | None = None
    left: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """Return what was done, in sentences."""
        parts = [f"Removed {self.removed} orphan{'s' if self.removed != 1 else ''}."] if self.removed else []
        if self.bytes is not None:
            words = f"Removed {self.bytes / 1e6:,.1f} MB of cached code and packages."
            parts.append(words if self.bytes else "Nothing in the caches was old enough.")
        if self.spared:
            parts.append(f"{self.spared} had gone meanwhile, or must not go any more.")
        return " ".join(parts) or "There was nothing to remove."


def carry_out_cleaning(errand_id: int) -> TargetErrand | None:
    """Carry out a clean-up that nobody has begun. Returns the one that is to go on with what is left, None when all is
    done or somebody else is at it."""
    begun = TargetErrand.objects.filter(pk=errand_id, kind=TargetErrand.Kind.CLEAN, started_at=None)
    if not begun.update(started_at=timezone.now()):
        return None
    errand = TargetErrand.objects.select_related("target", "requested_by").get(pk=errand_id)
    facts: dict[str, Any] = {"problem": "amlweb made a mistake of its own. The server log says more."}
    done = Done()
    try:
        clean(errand.target, errand.wanted, done)
        facts = {"result": done.words[:500], "problem": " ".join(done.problems)[:500]}
    except TargetError as error:
        facts = {"result": done.words[:500], "problem": error.in_full[:500]}
    finally:
        with transaction.atomic():  # nobody sees it finished before what follows is asked for
            follows = what_follows(errand, done)
            TargetErrand.objects.filter(pk=errand.pk).update(finished_at=timezone.now(), **facts)
        if errand.requested_by and (done.removed or done.bytes):
            note_change(errand.target, errand.requested_by, done.words)
    if isinstance(follows, TargetErrand):
        return follows
    carry_out_survey(follows.pk)
    return None


def what_follows(errand: TargetErrand, done: Done) -> TargetErrand | TargetSurvey:
    """Ask for another clean-up where runs are left to be looked at, else for a look at what is there now."""
    asked: dict[str, Any] = {"target": errand.target, "requested_by": errand.requested_by}
    if done.left and errand.wanted.get("round", 1) < MOST_ROUNDS:
        wanted = {"runs": list(done.left), "round": errand.wanted.get("round", 1) + 1}
        return TargetErrand.objects.create(kind=errand.kind, wanted=wanted, **asked)
    return TargetSurvey.objects.create(**asked)


def clean(target: ComputeTarget, wanted: dict[str, Any], done: Done) -> None:
    """Remove what was asked for, as long as there is time. Raises TargetUnreachable."""
    deadline = time.monotonic() + WORK_SECONDS
    if (days := wanted.get("contents_days")) is not None:
        note_trouble(done, lambda: keep_bytes(done, sweep_caches(settings_of(target), days)))
    for container in wanted.get("containers", ()):
        note_trouble(done, lambda container=container: remove_container(target, container, done))  # type: ignore[misc]
    waiting = list(wanted.get("runs", ()))
    while waiting:
        done.left = {}
        for run_id in waiting:
            if time.monotonic() < deadline:
                clean_run(target, run_id, done)
            else:
                done.left.setdefault(run_id, "there was no time yet")
        waiting = list(done.left)
        if waiting and time.monotonic() + LOOK_AGAIN_SECONDS >= deadline:
            break
        time.sleep(LOOK_AGAIN_SECONDS if waiting else 0)
    done.problems += [f"{run_id[:8]}: {why}" for run_id, why in list(done.left.items())[:3]]


def clean_run(target: ComputeTarget, run_id: str, done: Done) -> None:
    """Remove what is left of one run, if that may go at this moment."""
    run = known_runs([run_id]).get(run_id)
    if not why_orphaned(target, run):
        done.spared += 1
        return
    try:
        if obstacle := clean_remains(address_there(target, run_id, run), framework_of(run), grace_seconds()):
            done.left[run_id] = obstacle
            return
    except TargetUnreachable:
        raise
    except TargetError as error:
        done.problems.append(error.in_full)
        return
    done.removed += 1
    if run is not None and run.target_id == target.pk:
        Run.objects.filter(pk=run.pk).update(is_cleaned_up=True)


def address_there(target: ComputeTarget, run_id: str, run: Run | None) -> RunAddress:
    """Return where the remains of a run are looked for on a target."""
    is_its_own = run is not None and run.target_id == target.pk
    there = settings_for(run) if run is not None and is_its_own else settings_of(target)
    return RunAddress(settings.INSTALLATION_ID, UUID(run_id).hex, there)


def framework_of(run: Run | None) -> str:
    """Return how a run was started; what nobody knows is treated like any Python script."""
    return str(run.configuration["framework"]) if run is not None else Framework.PYTHON


def grace_seconds() -> float:
    """Return how long a program that nobody waits for has to end by itself."""
    return min(float(settings.GRACE_SECONDS), LONGEST_GRACE_SECONDS)


def remove_container(target: ComputeTarget, container: str, done: Done) -> None:
    """Remove a container that a step of a build has left, unless something is being built."""
    if TargetEnvironment.objects.is_any_built():
        done.spared += 1
        return
    remove_stray_container(settings_of(target), settings.INSTALLATION_ID, container)
    done.removed += 1


def keep_bytes(done: Done, count: int) -> None:
    """Note how many bytes a sweep has freed."""
    done.bytes = count


def note_trouble(done: Done, deed: Callable[[], None]) -> None:
    """Do something whose failure leaves the rest to be done. Raises TargetUnreachable."""
    try:
        deed()
    except TargetUnreachable:
        raise
    except TargetError as error:
        done.problems.append(error.in_full)
