"""The page that detaches a target."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from computes.detaching import detach_target
from computes.refusals import TargetRefused
from computes.views.finding import find_administered
from runs.detach_preview import detach_preview


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def compute_detach(request: HttpRequest, name: str) -> HttpResponse:
    """Say what detaching a target means, and do it."""
    person, target = find_administered(request, name)
    refusal = None
    if request.method == "POST":
        try:
            detach_target(target, person)
        except TargetRefused as error:
            refusal = error
        else:
            messages.success(request, f"{name} is detached.")
            return redirect("computes")
    context = {"target": target, "refusal": refusal, "preview": detach_preview(target)}
    return render(request, "computes/detach.html", context, status=409 if refusal else 200)
