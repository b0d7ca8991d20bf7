"""Asking for a script action, and for its end. What was reviewed is frozen: the text, the nodes and their keys."""

import hashlib
import json
from dataclasses import dataclass
from functools import partial

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from computes.action_scripts import checksum_of
from computes.cluster_nodes import nodes_of
from computes.host_keys import Hop, KeyState, hops_of, obstacle_on_the_way
from computes.locked_target import locked
from computes.models import ActionNode, ComputeTarget, ScriptAction
from computes.refusals import TargetRefused
from computes.target_history import note_change
from computes.tasks import nudge_action

LONGEST_SECONDS = 7 * 86_400
MOST_AT_ONCE = 50
NO_KEY = "No host key of it was approved, so nothing was sent there."
OTHER_KEY = "It showed another host key than the approved one, so nothing was sent there."


@dataclass(frozen=True, slots=True)
class PlannedNode:
    """A host that a script action is for, and whether its key lets the script be sent there."""

    hop: Hop
    is_head: bool
    is_direct: bool

    @property
    def is_approved(self) -> bool:
        """Return whether the script will be sent there."""
        return self.hop.state == KeyState.APPROVED


@dataclass(frozen=True, slots=True)
class ActionWishes:
    """What an administrator wants to have run. The script is one of `computes.action_scripts.script_of`; `key` is the
    same when the same wish is sent again; `reviewed` is what `review_of` said when he looked at it, or empty."""

    name: str
    script: str
    on_head: bool = False
    node_seconds: int = 1800
    total_seconds: int = 7200
    at_once: int = 10
    key: str | None = None
    reviewed: str = ""


def planned_nodes(target: ComputeTarget, *, on_head: bool) -> list[PlannedNode]:
    """Return the hosts that a script action would be for now, the head node first where it is one of them."""
    head = [PlannedNode(hops_of(target)[-1], is_head=True, is_direct=False)] if on_head else []
    return head + [PlannedNode(node.hop, is_head=False, is_direct=node.is_direct) for node in nodes_of(target)]


def review_of(target: ComputeTarget, script: str, *, on_head: bool) -> str:
    """Return a checksum of all that is looked at before a script runs: its text, the hosts and their approved keys."""
    planned = planned_nodes(target, on_head=on_head)
    seen = [
        [str(each.hop.address), each.is_approved, sorted(key.line for key in each.hop.approved)] for each in planned
    ]
    return hashlib.sha256(json.dumps([checksum_of(script), seen]).encode()).hexdigest()


def request_action(target: ComputeTarget, user: User, wishes: ActionWishes) -> ScriptAction:
    """Return a script action that is about to begin, or the one that was asked for with the same key.

    Hosts without an approved key are part of its record and get nothing. Call it for administrators only. Raises
    TargetRefused where no script may be sent at all, another one is going on, or what was reviewed has changed.
    """
    if target.kind != ComputeTarget.Kind.CLUSTER:
        raise TargetRefused("", f"{target.name} is no cluster over SSH.", "Script actions run on the nodes of one.")
    try:
        with transaction.atomic():
            stored = locked(target)
            if wishes.key is not None and (earlier := stored.script_actions.filter(key=wishes.key).first()):
                return earlier
            planned = planned_nodes(stored, on_head=wishes.on_head)
            refuse_what_cannot_be(stored, planned, wishes)
            return create_action(stored, user, wishes, planned)
    except IntegrityError:  # the same wish came twice at the same moment
        return ScriptAction.objects.get(target=target, key=wishes.key)


def refuse_what_cannot_be(target: ComputeTarget, planned: list[PlannedNode], wishes: ActionWishes) -> None:
    """Raise TargetRefused with what is in the way."""
    if obstacle := obstacle_on_the_way(target):
        raise TargetRefused("", obstacle, "The way to the nodes leads through the head node.")
    if not planned:
        raise TargetRefused("", "The target has no worker nodes.", "Name them on its form, or take the head node.")
    if not any(each.is_approved for each in planned):
        raise TargetRefused("", "No node has an approved host key.", "Scan the nodes' keys and approve them first.")
    if target.script_actions.filter(finished_at=None).exists():
        raise TargetRefused("", "Another script action is going on.", "Wait for its end, or stop it.")
    if wishes.reviewed and wishes.reviewed != review_of(target, wishes.script, on_head=wishes.on_head):
        raise TargetRefused("reviewed", "What you have reviewed has changed.", "Look at it once more.")


def create_action(target: ComputeTarget, user: User, wishes: ActionWishes, planned: list[PlannedNode]) -> ScriptAction:
    """Write the rows; a task worker is nudged when they are committed."""
    action: ScriptAction = ScriptAction.objects.create(
        target=target,
        name=wishes.name,
        script=wishes.script,
        sha256=checksum_of(wishes.script),
        key=wishes.key,
        node_seconds=wishes.node_seconds,
        total_seconds=wishes.total_seconds,
        at_once=wishes.at_once,
        requested_by=user,
        nudged_at=timezone.now(),
    )
    first = 0 if wishes.on_head else 1
    ActionNode.objects.bulk_create(row_of(action, number, each) for number, each in enumerate(planned, first))
    sent = sum(1 for each in planned if each.is_approved)
    nodes = "node" if sent == 1 else "nodes"
    note_change(target, user, f"Had the script {wishes.name!r} ({action.sha256[:12]}) run on {sent} {nodes}.")
    transaction.on_commit(partial(nudge_action, action.pk))
    return action


def row_of(action: ScriptAction, number: int, planned: PlannedNode) -> ActionNode:
    """Return the row of a host; one without an approved key is over before it begins."""
    row = ActionNode(
        action=action,
        number=number,
        address=str(planned.hop.address),
        is_head=planned.is_head,
        is_direct=planned.is_direct,
        host_keys=[key.line for key in planned.hop.approved],
    )
    if not planned.is_approved:
        row.state, row.finished_at = ActionNode.State.UNREACHABLE, timezone.now()
        row.problem = OTHER_KEY if planned.hop.state == KeyState.CHANGED else NO_KEY
    return row


def request_stop(action: ScriptAction, user: User) -> bool:
    """Ask for the end of an action; False when it has ended or its end was asked for before."""
    with transaction.atomic():
        asked = ScriptAction.objects.filter(pk=action.pk, finished_at=None, stop_requested_at=None).update(
            stop_requested_at=timezone.now(), stopped_by=user
        )
        if asked:
            note_change(action.target, user, f"Asked for the end of the script action {action.name!r}.")
            transaction.on_commit(partial(nudge_action, action.pk))
    action.refresh_from_db()
    return bool(asked)
