"""The answers about nodes and script actions."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from computes.cluster_nodes import ClusterNode, nodes_of
from computes.errands import latest_errand
from computes.host_keys import host_key_of
from computes.models import ActionNode, ComputeTarget, ScriptAction, TargetErrand
from runs.api.moments import moment
from runs.api.target_details import errand_facts, key_facts


def node_list(target: ComputeTarget) -> dict[str, Any]:
    """Return the nodes of a cluster and their keys."""
    scan = latest_errand(target, TargetErrand.Kind.SCAN_NODES)
    return {
        "target": target.name,
        "nodes": [node_facts(node) for node in nodes_of(target)],
        "scan": errand_facts(scan) if scan else None,
    }


def node_facts(node: ClusterNode) -> dict[str, Any]:
    """Return one node and its keys."""
    return {
        "node": node.key,
        "username": node.hop.address.username,
        "is_direct": node.is_direct,
        "state": str(node.hop.state),
        "approved": [key_facts(key) for key in node.hop.approved],
        "shown": [key_facts(key) for key in node.hop.shown],
        "compare_command": node.hop.compare_command,
        "trouble": node.trouble,
    }


def action_facts(action: Any) -> dict[str, Any]:
    """Return an action with the numbers of its nodes that `counted_actions` adds."""
    return {
        "id": action.pk,
        "target": action.target.name,
        "name": action.name,
        "sha256": action.sha256,
        "requested_by": action.requested_by.username if action.requested_by else "",
        "requested_at": moment(action.requested_at),
        "stop_requested_at": moment(action.stop_requested_at),
        "finished_at": moment(action.finished_at),
        "is_finished": not action.is_going_on,
        "nodes": action.nodes_all,
        "over": action.nodes_over,
        "good": action.nodes_good,
        "url": settings.URL + action.get_absolute_url(),
    }


def action_details(action: ScriptAction) -> dict[str, Any]:
    """Return an action with its text and the outcome on each node."""
    return action_facts(action) | {
        "script": action.script,
        "node_seconds": action.node_seconds,
        "total_seconds": action.total_seconds,
        "at_once": action.at_once,
        "outcomes": [outcome_facts(action, node) for node in action.nodes.all()],
    }


def outcome_facts(action: ScriptAction, node: ActionNode) -> dict[str, Any]:
    """Return what came of the script on one node."""
    place = {"name": action.target.name, "action_id": action.pk, "number": node.number}
    return {
        "number": node.number,
        "node": node.address,
        "is_head": node.is_head,
        "state": str(node.state),
        "exit_code": node.exit_code,
        "problem": node.problem,
        "started_at": moment(node.started_at),
        "finished_at": moment(node.finished_at),
        "log_bytes": node.log_bytes,
        "log": settings.URL + reverse("api:read_action_log", kwargs=place),
        "remains": node.remains,
        "fingerprints": [host_key_of(line).fingerprint for line in node.host_keys],
    }
