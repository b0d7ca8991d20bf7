"""What is to be done next on each node of a script action, judged by the rows and the clock alone."""

from datetime import datetime, timedelta

from django.utils import timezone

from computes.action_host import Deed
from computes.models import ActionNode, ScriptAction

State = ActionNode.State
CLEAN_PATIENCE = timedelta(seconds=120)
OVERDUE = timedelta(seconds=30)  # the supervisor on the node ends the script at the deadline; this is for a dead one
NOT_BEGUN = "The time for the whole script action was over before it was begun here."


def plan_for(action: ScriptAction, nodes: list[ActionNode]) -> dict[int, Deed]:
    """Return the deed that is due on each node, by its number; nodes that need none are left out.

    Nodes whose end needs no contact are ended on the way, unsaved. No more scripts are begun than may run at once.
    """
    now = timezone.now()
    places = action.at_once - sum(1 for node in nodes if not node.is_over and node.tried_at is not None)
    plan: dict[int, Deed] = {}
    for node in nodes:
        if node.state == State.WAITING and node.tried_at is None:
            if end_untouched(action, node, now) or places <= 0:
                continue
            places -= 1
        if (deed := deed_for(action, node, now)) is not None:
            plan[node.number] = deed
    return plan


def end_untouched(action: ScriptAction, node: ActionNode, now: datetime) -> bool:
    """End a node that nothing was sent to, where it is too late for it."""
    if action.stop_requested_at is not None:
        end(node, State.STOPPED, "It was stopped before the script was begun here.", now)
    elif now >= action.deadline_at:
        end(node, State.TIMED_OUT, NOT_BEGUN, now)
    return node.is_over


def deed_for(action: ScriptAction, node: ActionNode, now: datetime) -> Deed | None:
    """Return what is due on one node."""
    if node.is_over:
        patient = node.finished_at is not None and now - node.finished_at < CLEAN_PATIENCE
        return Deed.CLEAN if node.remains and patient else None
    is_overdue = now > action.deadline_at + (OVERDUE if node.state == State.RUNNING else timedelta())
    if (action.stop_requested_at is not None or is_overdue) and node.stop_sent_at is None:
        return Deed.STOP
    if node.state == State.WAITING and node.stop_sent_at is None:
        return Deed.START
    return Deed.LOOK


def end(node: ActionNode, state: str, problem: str, now: datetime) -> None:
    """Give a node its last state, unsaved."""
    node.state, node.problem, node.finished_at, node.silent_since = state, problem[:600], now, None


def seconds_for(action: ScriptAction) -> float:
    """Return for how long a script that begins now may run."""
    left = (action.deadline_at - timezone.now()).total_seconds()
    return max(1.0, min(float(action.node_seconds), left))
