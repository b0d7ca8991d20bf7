"""What the card about a cluster's nodes and script actions shows. For administrators only."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from computes.cluster_nodes import ClusterNode, nodes_of
from computes.errands import after_errands, latest_errand
from computes.models import ActionNode, ComputeTarget, ScriptAction, TargetErrand

ACTIONS_SHOWN = 10
GOING_ON = (ActionNode.State.WAITING, ActionNode.State.RUNNING)


@dataclass(frozen=True, slots=True)
class NodeCard:
    """The nodes with their keys, the last scan, and the last script actions, the newest first."""

    nodes: list[ClusterNode]
    scan: TargetErrand | None
    actions: list[ScriptAction]

    @property
    def is_going_on(self) -> bool:
        """Return whether news may still come."""
        return self.is_scanning or any(action.is_going_on for action in self.actions)

    @property
    def is_scanning(self) -> bool:
        """Return whether the keys are being looked at."""
        return self.scan is not None and self.scan.is_going_on

    @property
    def approved_count(self) -> int:
        """Return to how many nodes something may be sent."""
        return sum(1 for node in self.nodes if node.is_approved)

    @property
    def to_approve(self) -> list[ClusterNode]:
        """Return the nodes whose keys were seen and are not approved."""
        return [node for node in self.nodes if node.hop.shown and not node.is_approved]

    @property
    def has_changed_keys(self) -> bool:
        """Return whether a node shows another key than the approved one."""
        return any(node.hop.state == "changed" for node in self.nodes)


def node_card_of(target: ComputeTarget) -> NodeCard | None:
    """Return what the card shows; None for a target that has no nodes of its own."""
    if target.kind != ComputeTarget.Kind.CLUSTER:
        return None
    scan = latest_errand(target, TargetErrand.Kind.SCAN_NODES)
    return NodeCard(nodes_of(after_errands(target)), scan, list(counted_actions(target)[:ACTIONS_SHOWN]))


def counted_actions(target: ComputeTarget) -> "QuerySet[ScriptAction, Any]":
    """Return the script actions of a target with the numbers of their nodes: all, over, and ended with code 0."""
    found: QuerySet[ScriptAction, Any] = target.script_actions.select_related("requested_by", "target").annotate(
        nodes_all=Count("nodes"),
        nodes_over=Count("nodes", filter=~Q(nodes__state__in=GOING_ON)),
        nodes_good=Count("nodes", filter=Q(nodes__state=ActionNode.State.ENDED, nodes__exit_code=0)),
    )
    return found
