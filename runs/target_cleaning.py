"""Asking for a clean-up of a target: which of our things there may go, and having them removed."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from computes.errands import forget_old_errands
from computes.models import ComputeTarget, TargetErrand
from computes.removing_environments import request_orphan_removal
from computes.survey_requests import last_survey
from computes.target_history import note_change
from runs.environment_pruning import prune
from runs.orphans import orphans_on
from runs.tasks import nudge_cleaning


@dataclass(frozen=True, slots=True)
class CleaningWishes:
    """What an administrator has chosen. `orphans` are keys of `runs.orphans`, `environments` hashes of locks, and
    `contents_days` for how long nobody has wanted the cached contents that go; None leaves them all."""

    orphans: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    contents_days: int | None = None


@dataclass(frozen=True, slots=True)
class CleaningReceipt:
    """What will be done: how many orphans and environments go, and the errand that removes the orphans, if any."""

    orphans: int
    environments: int
    errand: TargetErrand | None

    @property
    def words(self) -> str:
        """Return it in a sentence."""
        parts = [counted(self.orphans, "orphan"), counted(self.environments, "environment")]
        if self.errand is not None and self.errand.wanted.get("contents_days") is not None:
            parts.append(f"cached contents of more than {counted(self.errand.wanted['contents_days'], 'day')}")
        return ", ".join(part for part in parts if part)


def counted(number: int, word: str) -> str:
    """Return a number of things in words, empty for none."""
    return f"{number} {word}{'s' if number != 1 else ''}" if number else ""


def request_cleaning(target: ComputeTarget, user: User, wishes: CleaningWishes) -> CleaningReceipt:
    """Have what was chosen removed. What is not an orphan, or has come into use since it was shown, is spared.

    Call it for administrators of the target only. Environments are removed one by one by a process of their own, the
    rest by a task worker.
    """
    found = last_survey(target)
    survey = found.survey if found is not None else None
    seen = orphans_on(target, survey, found.started_at) if found is not None and survey is not None else ()
    orphans = {orphan.key: orphan for orphan in seen}
    chosen = [key for key in dict.fromkeys(wishes.orphans) if key in orphans]
    with transaction.atomic():
        if not ComputeTarget.objects.held(target.pk):
            return CleaningReceipt(0, 0, None)
        removed = [key for key in names_of(chosen, "environment") if request_orphan_removal(target, key) is not None]
        wanted: dict[str, Any] = {
            "runs": names_of(chosen, "run"),
            "containers": names_of(chosen, "container"),
            "contents_days": wishes.contents_days,
        }
        is_needed = wanted["runs"] or wanted["containers"] or wishes.contents_days is not None
        errand = queue_cleaning(target, user, wanted) if is_needed else None
        count = len(wanted["runs"]) + len(wanted["containers"]) + len(removed)
        receipt = CleaningReceipt(count, len(prune(target, wishes.environments)), errand)
        if receipt.words:
            note_change(target, user, f"Asked for the removal of {receipt.words}.")
    return receipt


def queue_cleaning(target: ComputeTarget, user: User | None, wanted: dict[str, Any]) -> TargetErrand:
    """Leave an errand for a task worker, who is nudged when the surrounding transaction is committed."""
    errand: TargetErrand = TargetErrand.objects.create(
        target=target, kind=TargetErrand.Kind.CLEAN, requested_by=user, wanted=wanted
    )
    forget_old_errands(target)
    transaction.on_commit(partial(nudge_cleaning, errand.pk))
    return errand


def names_of(keys: Iterable[str], kind: str) -> list[str]:
    """Return what keys of a kind name."""
    return [key.partition(":")[2] for key in keys if key.startswith(f"{kind}:")]
