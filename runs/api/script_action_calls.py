"""Calls about the nodes of a cluster and the script actions there. For administrators only.

They are in the router of `runs.api.target_calls`, behind the calls of `runs.api.target_space`.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from ninja import Query

import runs.api.target_space  # noqa: F401 (its calls come first)
from computes.action_logs import folder_of, log_name
from computes.action_requests import request_action, request_stop
from computes.action_scripts import checksum_of
from computes.errands import request_errand
from computes.forms.script_action_form import ScriptActionForm
from computes.models import ComputeTarget, ScriptAction, TargetErrand
from computes.node_approval import approve_node_keys
from computes.node_card import counted_actions
from computes.refusals import TargetRefused
from runs.api.access import find_administered_target
from runs.api.log_parts import send_part_of
from runs.api.problems import ApiProblem, invalid, not_found
from runs.api.request_schemas import LogPartWanted
from runs.api.run_calls import KEY_PARAMETER, key_of
from runs.api.script_action_facts import action_details, action_facts, node_list
from runs.api.script_action_schemas import (
    NodeApprovalWanted,
    NodeList,
    ScriptActionDetails,
    ScriptActionList,
    ScriptActionWanted,
)
from runs.api.sign_in import person_of
from runs.api.target_calls import router as router

MOST_LISTED = 100
NO_NODES = "Only clusters over SSH have nodes that scripts run on."


@router.get("/targets/{name}/nodes", response=NodeList, summary="Show the nodes of a cluster")
def show_nodes(request: HttpRequest, name: str) -> HttpResponse:
    """The worker nodes, the host keys that they showed and those that are approved: administrators only."""
    return JsonResponse(node_list(find_cluster(request, name)))


@router.post("/targets/{name}/nodes/scan", response={202: NodeList}, summary="Scan the nodes' host keys")
def scan_nodes(request: HttpRequest, name: str) -> HttpResponse:
    """Ask a task worker to look at the keys; nothing else is sent to a node that is not approved."""
    target = find_cluster(request, name)
    request_errand(target, person_of(request), TargetErrand.Kind.SCAN_NODES)
    return JsonResponse(node_list(target), status=202)


@router.post("/targets/{name}/nodes/approve", response=NodeList, summary="Approve host keys of nodes")
def approve_nodes(request: HttpRequest, name: str, wanted: NodeApprovalWanted) -> HttpResponse:
    """Say that you have compared the fingerprints on the nodes themselves: all of them are approved, or none."""
    target = find_cluster(request, name)
    chosen = [(key.node, key.fingerprint) for key in wanted.keys]
    approve_node_keys(target, person_of(request), chosen, wanted.understood)
    return JsonResponse(node_list(target))


@router.get("/targets/{name}/script-actions", response=ScriptActionList, summary="List script actions")
def list_actions(request: HttpRequest, name: str) -> HttpResponse:
    """The last hundred of a target, without their texts: administrators only."""
    target = find_administered_target(person_of(request), name)
    return JsonResponse({"actions": [action_facts(action) for action in counted_actions(target)[:MOST_LISTED]]})


@router.post(
    "/targets/{name}/script-actions",
    response={201: ScriptActionDetails, 200: ScriptActionDetails},
    summary="Run a script on the nodes",
    openapi_extra=KEY_PARAMETER,
)
def run_script(request: HttpRequest, name: str, wanted: ScriptActionWanted) -> HttpResponse:
    """Run a script on every node with an approved key. Review it first. 200 when the
    Idempotency-Key was used before."""
    target = find_cluster(request, name)
    person, key = person_of(request), key_of(request)
    typed = wanted.dict(exclude={"sha256"})
    typed |= {limit: f"{typed[limit]} s" for limit in ("node_seconds", "total_seconds")}
    form = ScriptActionForm(typed)
    if not form.is_valid():
        raise invalid({name: [str(text) for text in errors] for name, errors in form.errors.items()})
    if wanted.sha256 and wanted.sha256.lower() != checksum_of(form.cleaned_data["script"]):
        raise TargetRefused("sha256", "This is not the checksum of the script.", "Review the script once more.")
    is_known = key is not None and target.script_actions.filter(key=key).exists()
    action = request_action(target, person, form.wishes(key))
    return JsonResponse(action_details(find_action(target, action.pk)), status=200 if is_known else 201)


@router.get(
    "/targets/{name}/script-actions/{int:action_id}", response=ScriptActionDetails, summary="Show a script action"
)
def show_script_action(request: HttpRequest, name: str, action_id: int) -> HttpResponse:
    """Its text and what came of it on each node: administrators only."""
    target = find_administered_target(person_of(request), name)
    return JsonResponse(action_details(find_action(target, action_id)))


@router.post(
    "/targets/{name}/script-actions/{int:action_id}/stop",
    response={202: ScriptActionDetails},
    summary="Stop a script action",
)
def stop_script_action(request: HttpRequest, name: str, action_id: int) -> HttpResponse:
    """Ask for the end of the script where it runs, and begin it nowhere else. 409 when it has ended."""
    person = person_of(request)
    target = find_administered_target(person, name)
    action = find_action(target, action_id)
    if not request_stop(action, person) and not action.is_going_on:
        raise ApiProblem(409, "action_has_ended", "The script action has ended already.", "There is nothing to stop.")
    return JsonResponse(action_details(find_action(target, action_id)), status=202)


@router.get(
    "/targets/{name}/script-actions/{int:action_id}/nodes/{int:number}/log", summary="Read a script's log on a node"
)
def read_action_log(
    request: HttpRequest, name: str, action_id: int, number: int, wanted: Query[LogPartWanted]
) -> HttpResponseBase:
    """The bytes from an offset, with the headers of a run's log: administrators only."""
    target = find_administered_target(person_of(request), name)
    action = find_action(target, action_id)
    node = action.nodes.filter(number=number).first() if number < 10**6 else None
    if node is None:
        raise not_found("node", "an administrator")
    file_name = f"{target.name}-{action.pk}-{number}.log"
    return send_part_of(request, folder_of(action.pk), log_name(node), wanted, node.is_over, file_name)


def find_cluster(request: HttpRequest, name: str) -> ComputeTarget:
    """Return a cluster over SSH that the caller administers."""
    target = find_administered_target(person_of(request), name)
    if target.kind != ComputeTarget.Kind.CLUSTER:
        raise ApiProblem(409, "no_nodes", NO_NODES, "Choose a cluster.")
    return target


def find_action(target: ComputeTarget, action_id: int) -> ScriptAction:
    """Return a script action of a target with the numbers of its nodes."""
    action: ScriptAction | None = counted_actions(target).filter(pk=action_id).first() if action_id < 2**63 else None
    if action is None:
        raise not_found("script action", "an administrator")
    return action
