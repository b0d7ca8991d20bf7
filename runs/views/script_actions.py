"""Script actions of a cluster: writing one, reviewing it, running it, and its page. For administrators only."""

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from computes.action_logs import folder_of, log_name
from computes.action_requests import planned_nodes, request_action, request_stop, review_of
from computes.action_scripts import checksum_of
from computes.forms.script_action_form import ReviewForm, ScriptActionForm, initial_of_action
from computes.models import ComputeTarget, ScriptAction
from computes.refusals import TargetRefused
from computes.views.finding import find_administered
from runs.run_folder_files import open_beneath
from runs.script_action_page import page_of
from runs.serving import TEXT, seal_headers, send_part

BIGGEST_NUMBER = 1_000_000


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def write_action(request: HttpRequest, name: str) -> HttpResponse:
    """Ask for a script and its limits; with POST, show all of it once more before it runs."""
    _, target = find_cluster(request, name)
    if request.method == "POST" and "change" in request.POST:
        form = ScriptActionForm(initial=request.POST.dict())
    elif request.method == "POST":
        form = ScriptActionForm(request.POST, request.FILES)
        if form.is_valid():
            return review(request, target, form)
    else:
        again = request.GET.get("again", "")
        earlier = target.script_actions.filter(pk=int(again)).first() if again.isdecimal() and len(again) < 10 else None
        form = ScriptActionForm(initial=initial_of_action(earlier) if earlier else {})
    context = {"target": target, "form": form, "planned": planned_nodes(target, on_head=False)}
    return render(request, "computes/script_action_new.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def run_action(request: HttpRequest, name: str) -> HttpResponse:
    """Run what was reviewed. Where it has changed since, or cannot run now, it is shown once more."""
    person, target = find_cluster(request, name)
    form, seen = ScriptActionForm(request.POST), ReviewForm(request.POST)
    if not form.is_valid() or not seen.is_valid():
        context = {"target": target, "form": form, "planned": planned_nodes(target, on_head=False)}
        return render(request, "computes/script_action_new.html", context, status=422)
    try:
        action = request_action(target, person, form.wishes(**seen.cleaned_data))
    except TargetRefused as refusal:
        return review(request, target, form, str(refusal))
    return redirect(action)


def review(request: HttpRequest, target: ComputeTarget, form: ScriptActionForm, refusal: str = "") -> HttpResponse:
    """Show the script, its checksum, and the hosts with the fingerprints of their approved keys."""
    script, on_head = form.cleaned_data["script"], form.cleaned_data["on_head"]
    planned = planned_nodes(target, on_head=on_head)
    context = {
        "target": target,
        "wishes": form.wishes(),
        "sha256": checksum_of(script),
        "bytes": len(script.encode()),
        "planned": planned,
        "sent_count": sum(1 for each in planned if each.is_approved),
        "reviewed": review_of(target, script, on_head=on_head),
        "key": uuid4().hex,
        "refusal": refusal,
    }
    return render(request, "computes/script_action_review.html", context, status=409 if refusal else 200)


@require_safe
@login_required
def show_action(request: HttpRequest, name: str, action_id: int) -> HttpResponse:
    """Show an action; asked by htmx, only how it goes."""
    action = find_action(request, name, action_id)
    number = request.GET.get("node", "")
    page = page_of(action, int(number) if number.isdecimal() and len(number) < 10 else None)
    is_update = request.headers.get("HX-Request") == "true"
    template = "computes/_script_action_live.html" if is_update else "computes/script_action.html"
    response = render(request, template, {"target": action.target, "page": page})
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
@login_required
def stop_action(request: HttpRequest, name: str, action_id: int) -> HttpResponse:
    """Ask for the end of an action."""
    person, _ = find_administered(request, name)
    action = find_action(request, name, action_id)
    if request_stop(action, person):
        messages.success(request, "It is being stopped. What has run so far stays done.")
    return redirect(action)


@require_safe
@login_required
def send_action_log(request: HttpRequest, name: str, action_id: int, number: int) -> HttpResponseBase:
    """Send the log of one node as it is."""
    action = find_action(request, name, action_id)
    node = get_object_or_404(action.nodes, number=number if number < BIGGEST_NUMBER else -1)
    try:
        response = send_part(request, open_beneath(folder_of(action.pk), log_name(node)), TEXT)
    except FileNotFoundError:
        response = HttpResponse(b"", content_type=TEXT)
    seal_headers(response, f"{action.target.name}-{action.pk}-{number}.log", as_attachment=False)
    return response


def find_cluster(request: HttpRequest, name: str) -> tuple[User, ComputeTarget]:
    """Return the person and a cluster over SSH that he administers. Raises Http404 for all others."""
    person, target = find_administered(request, name)
    if target.kind != ComputeTarget.Kind.CLUSTER:
        raise Http404("No cluster of nodes.")
    return person, target


def find_action(request: HttpRequest, name: str, action_id: int) -> ScriptAction:
    """Return an action of a target that the person administers. Raises Http404."""
    _, target = find_administered(request, name)
    actions = ScriptAction.objects.select_related("target", "requested_by", "stopped_by")
    return get_object_or_404(actions, target=target, pk=action_id)
