"""The card of a cluster's nodes: scanning and approving their host keys."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from computes.errands import request_errand
from computes.models import TargetErrand
from computes.node_approval import approve_node_keys
from computes.node_card import node_card_of
from computes.refusals import TargetRefused
from computes.views.finding import find_administered


@require_safe
@login_required
def compute_nodes(request: HttpRequest, name: str) -> HttpResponse:
    """Return the card of the target's page that shows the nodes; a browser that asks for a page gets all of it."""
    _, target = find_administered(request, name)
    card = node_card_of(target)
    if card is None or not request.headers.get("HX-Request"):
        return redirect(f"{target.get_absolute_url()}#nodes")
    return render(request, "computes/_nodes.html", {"target": target, "card": card})


@require_POST
@login_required
def compute_scan_nodes(request: HttpRequest, name: str) -> HttpResponse:
    """Ask a task worker to look at the nodes' keys."""
    person, target = find_administered(request, name)
    if node_card_of(target) is not None:
        request_errand(target, person, TargetErrand.Kind.SCAN_NODES)
    return redirect(f"{target.get_absolute_url()}#nodes")


@require_POST
@login_required
def compute_approve_nodes(request: HttpRequest, name: str) -> HttpResponse:
    """Approve the keys that were ticked, each sent as its node's host:port and its fingerprint."""
    person, target = find_administered(request, name)
    pairs = [text.rpartition(" ")[::2] for text in request.POST.getlist("keys")]
    try:
        count = approve_node_keys(target, person, pairs, understood="understood" in request.POST)
    except TargetRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{count} key{' is' if count == 1 else 's are'} approved.")
    return redirect(f"{target.get_absolute_url()}#nodes")
