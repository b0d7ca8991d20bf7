"""What amlweb uses on a target: looking anew, and removing what nobody needs."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from computes.survey_requests import request_survey
from computes.views.finding import find_administered, find_visible
from runs.environment_pruning import prunable_on
from runs.forms.cleaning import CleaningForm
from runs.target_cleaning import request_cleaning
from runs.target_space import space_on


@require_safe
@login_required
def show_space(request: HttpRequest, name: str) -> HttpResponse:
    """Return the card of the target's page; a browser that asks for a page gets all of it."""
    person, target = find_visible(request, name)
    if not request.headers.get("HX-Request"):
        return redirect(f"{target.get_absolute_url()}#space")
    context = {"target": target, "space": space_on(target), "may_change": person.is_superuser}
    return render(request, "computes/_space.html", context)


@require_POST
@login_required
def ask_for_survey(request: HttpRequest, name: str) -> HttpResponse:
    """Ask a task worker to look at what of ours is on a target."""
    person, target = find_administered(request, name)
    request_survey(target, person)
    return redirect(f"{target.get_absolute_url()}#space")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def reclaim(request: HttpRequest, name: str) -> HttpResponse:
    """Show what could be removed from a target and what that frees; with POST, have what was chosen removed."""
    person, target = find_administered(request, name)
    space, prunable = space_on(target), prunable_on(target)
    form = CleaningForm(request.POST if request.method == "POST" else None, space=space, prunable=prunable)
    if request.method == "POST" and form.is_valid():
        receipt = request_cleaning(target, person, form.wishes())
        if receipt.words:
            messages.success(request, f"Being removed from {target.name}: {receipt.words}.")
        else:
            messages.info(request, "Nothing was removed: what you chose has gone meanwhile, or is in use.")
        return redirect(f"{target.get_absolute_url()}#space")
    context = {"target": target, "space": space, "prunable": prunable, "form": form}
    return render(request, "computes/reclaim.html", context, status=422 if form.errors else 200)
