"""Asking for a check and watching it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from computes.checking import request_check
from computes.errands import after_errands
from computes.target_state import state_of
from computes.views.finding import find_visible


@require_POST
@login_required
def compute_check(request: HttpRequest, name: str) -> HttpResponse:
    """Check a target: whoever may see it may ask."""
    person, target = find_visible(request, name)
    request_check(target, person)
    return redirect(f"{target.get_absolute_url()}#check")


@require_safe
@login_required
def compute_check_progress(request: HttpRequest, name: str, check_id: int) -> HttpResponse:
    """Return the part of the target's page that shows a check; a browser that asks for a page gets the whole one."""
    _, target = find_visible(request, name)
    check = get_object_or_404(target.checks, pk=check_id)
    if not request.headers.get("HX-Request"):
        return redirect(f"{target.get_absolute_url()}#check")
    context = {"target": target, "check": check, "state": state_of(after_errands(target), check)}
    return render(request, "computes/_check_update.html", context)
