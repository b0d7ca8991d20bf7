"""Seeing to it that script actions go on: a next round of each, a moment after the last one."""

from datetime import timedelta

from django.utils import timezone

from computes.models import ScriptAction
from computes.tasks import nudge_action

PACE_SECONDS = 1.0
IDLE_SECONDS = 5.0
LOOK_AGAIN = timedelta(seconds=2)
UNHEARD = timedelta(seconds=30)


def go_on_with_script_actions() -> float:
    """Nudge the actions that are due, also after a server that was killed. Returns the pause in seconds: the first
    nudge comes with the request, so nobody waits for an idle controller."""
    if not ScriptAction.objects.unsettled().exists():
        return IDLE_SECONDS
    for action_id in list(ScriptAction.objects.to_nudge(LOOK_AGAIN, UNHEARD).values_list("pk", flat=True)):
        ScriptAction.objects.filter(pk=action_id).update(nudged_at=timezone.now())
        nudge_action(action_id)
    return PACE_SECONDS
