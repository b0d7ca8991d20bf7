"""Carrying out a check: look at a target item by item and write each finding down at once."""

from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from django.utils import timezone

from computes.contact import note_answer, note_silence
from computes.contract import Framework
from computes.environment_asking import manages_environments
from computes.errors import TargetError, TargetUnreachable
from computes.host_access import is_on_the_way
from computes.host_keys import KeyState, hops_of
from computes.host_scan import scan_hosts
from computes.kind_choices import kind_refusal
from computes.models import ComputeTarget, TargetCheck, TargetEnvironment
from computes.registry import executor_for, refusal_for
from computes.target_settings import settings_of

MOST_ENVIRONMENTS = 20
STEPS_TO_LIVY = ("Livy", "Work folder")


def carry_out_check(check_id: int) -> bool:
    """Carry out a check that nobody has begun; return whether it was ours to do.

    A second call, at once or later, does nothing. Contact with the target is noted on the target.
    """
    begun = TargetCheck.objects.filter(pk=check_id, started_at=None).update(started_at=timezone.now())
    if not begun:
        return False
    check = TargetCheck.objects.select_related("target").get(pk=check_id)
    problem = "The check was broken off."
    try:
        problem = _look(check)
    except Exception as error:
        problem = f"amlweb made a mistake of its own ({type(error).__name__}). The server log says more."
        raise
    finally:
        _write(check, problem=problem[:500], finished_at=timezone.now())
    return True


def _look(check: TargetCheck) -> str:
    """Write each finding down as it comes. Return why the check could not be made, or nothing."""
    target = check.target
    framework = next((each for each in Framework if refusal_for(target.kind, each) is None), None)
    if framework is None:
        return kind_refusal(target.kind)
    silence = ""
    try:
        settings = replace(settings_of(target), environments=prepared_on(target))
        for item in executor_for(settings, framework).check(settings):
            check.items.append(asdict(item))
            _write(check, items=check.items)
            if not item.ok and means_silence(target, item.name):
                silence = f"{item.name}: {item.detail}"
    except TargetUnreachable as error:
        note_silence(target.pk, error.text)
        return error.in_full
    except TargetError as error:
        return error.in_full
    if silence:
        note_silence(target.pk, silence)
        if target.is_over_ssh:
            _look_at_host_keys(target)
    else:
        note_answer(target.pk)
    return ""


def prepared_on(target: ComputeTarget) -> tuple[str, ...]:
    """Return the hashes of the environments that are ready on a target, those that were used last."""
    if not manages_environments(target):
        return ()
    ready = target.environments.filter(state=TargetEnvironment.State.READY, is_image=False).exclude(lock=None)
    return tuple(dict.fromkeys(ready.values_list("lock_id", flat=True)[:MOST_ENVIRONMENTS]))


def means_silence(target: ComputeTarget, check_item: str) -> bool:
    """Return whether there is no contact with a target where an item of its check fails."""
    if target.kind == ComputeTarget.Kind.LIVY:
        return check_item in STEPS_TO_LIVY
    return target.is_over_ssh and is_on_the_way(check_item)


def _look_at_host_keys(target: ComputeTarget) -> None:
    """See whether a host that was approved shows another key now: then the page has both fingerprints."""
    if all(hop.state == KeyState.APPROVED for hop in hops_of(target)):
        with suppress(TargetError):  # the check has said already that there is no contact
            scan_hosts(target)


def _write(check: TargetCheck, **facts: Any) -> None:
    """Write without asking whether the row is still there: the target may have been detached meanwhile."""
    TargetCheck.objects.filter(pk=check.pk).update(**facts)
