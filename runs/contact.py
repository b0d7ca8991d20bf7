"""Noting on a run whether its target answers. Silence is no state: it ends nothing, and it is told with its remedy."""

from django.utils import timezone

from computes import contact
from computes.contract import Condition, RunFolderStatus
from computes.errors import sentences
from runs.events import record
from runs.models import Run
from runs.models.run import LONGEST_REASON

NOTED_AGAIN_SECONDS = 5


def note_answer(run: Run) -> None:
    """Note that the target was seen just now, at most every few seconds."""
    now = timezone.now()
    if run.unreachable_since is not None:
        record(run, "contact", "The target answers again.")
    elif run.last_contact_at and (now - run.last_contact_at).total_seconds() < NOTED_AGAIN_SECONDS:
        return
    changes = {"last_contact_at": now, "unreachable_since": None, "wait_reason": ""}
    for name, value in changes.items():
        setattr(run, name, value)
    Run.objects.filter(pk=run.pk).update(**changes)
    contact.note_answer(run.target_id, now)


def note_unknown(run: Run, status: RunFolderStatus) -> None:
    """Note that a target is silent, or that it answers and knows nothing of a run that it started. What is tried in
    silence counts as no attempt."""
    note_silence(run, status.why, status.remedy, counts=status.condition == Condition.ABSENT)


def note_silence(run: Run, why: str, remedy: str, *, counts: bool = False) -> None:
    """Note that the target is silent and what to do about it. The run shows the last reason, its history has each once.

    `counts`: whether what was tried meanwhile counts as an attempt.
    """
    text = sentences(why, remedy)
    if run.attempts and not counts:
        Run.objects.filter(pk=run.pk).update(attempts=0)
    if run.unreachable_since is not None and run.wait_reason == text[:LONGEST_REASON]:
        return
    Run.objects.filter(pk=run.pk, unreachable_since=None).update(unreachable_since=timezone.now())
    Run.objects.filter(pk=run.pk).update(wait_reason=text[:LONGEST_REASON])
    contact.note_silence(run.target_id, text)
    if run.unreachable_since is None or not run.events.filter(kind="contact", text=text).exists():
        record(run, "contact", text)


def loss_by_silence(run: Run, status: RunFolderStatus) -> str:
    """Return in words that a target has been silent for as long as its administrator bears, empty until then."""
    patience = run.target.lost_after_seconds
    if run.unreachable_since is None or (timezone.now() - run.unreachable_since).total_seconds() <= patience:
        return ""
    return f"There was no contact for {patience / 3600:.1f} hours. {status.why}"
