"""Looking at every target now and then, so that its page says how it is before anybody needs it."""

import random
import time
from contextlib import suppress

from computes.host_approval import go_on
from computes.host_keys import KeyState, first_unknown
from computes.kind_choices import kind_refusal
from computes.models import ComputeTarget
from computes.survey_requests import request_survey

CHECK_SECONDS = 600.0
PACE_SECONDS = 15.0


class TargetChecks:
    """When each target is looked at next, by the monotonic clock. They are spread, never all at the same moment."""

    def __init__(self) -> None:
        self.due: dict[int, float] = {}

    def __call__(self) -> float:
        """Ask for what is due: checks, and scans of hosts whose key had changed. Returns the pause in seconds."""
        now = time.monotonic()
        for target in ComputeTarget.objects.switched_on():
            if kind_refusal(target.kind) or waits_for_approval(target):
                continue
            if now >= self.due.setdefault(target.pk, now + random.uniform(0, CHECK_SECONDS)):  # noqa: S311 (no secret)
                self.due[target.pk] = now + CHECK_SECONDS * random.uniform(0.9, 1.1)  # noqa: S311
                with suppress(ComputeTarget.DoesNotExist):  # it was detached since it was listed
                    look_at(target)
        return PACE_SECONDS


def look_at(target: ComputeTarget) -> None:
    """Ask for a check of another machine or an engine, and for a survey of what of ours is there. Nobody has to ask
    whether this machine is there."""
    if target.kind != ComputeTarget.Kind.LOCAL:
        go_on(target, None)
    if first_unknown(target) is None:
        request_survey(target, None)


def waits_for_approval(target: ComputeTarget) -> bool:
    """Return whether a host on the way was never approved: then there is nothing to look at."""
    unknown = first_unknown(target)
    return unknown is not None and unknown.state != KeyState.CHANGED
