"""The pages and buttons that turn a target on and off and drain it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from computes.forms.switch_forms import DrainForm, EnableForm
from computes.refusals import TargetRefused
from computes.switching import disable_target, drain_target, enable_target, resume_target
from computes.trust import trust_statement_on
from computes.views.finding import find_administered


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def compute_drain(request: HttpRequest, name: str) -> HttpResponse:
    """Ask why a target is drained, and drain it."""
    person, target = find_administered(request, name)
    form = DrainForm(request.POST if request.method == "POST" else None, initial={"reason": target.drain_reason})
    if request.method == "POST" and form.is_valid():
        drain_target(target, person, form.cleaned_data["reason"])
        messages.success(request, f"{target.name} drains: what runs goes on, nothing new starts.")
        return redirect(target)
    return render(request, "computes/drain.html", {"target": target, "form": form}, status=422 if form.errors else 200)


@require_POST
@login_required
def compute_resume(request: HttpRequest, name: str) -> HttpResponse:
    """End the draining."""
    person, target = find_administered(request, name)
    resume_target(target, person)
    messages.success(request, f"{target.name} takes runs again.")
    return redirect(target)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def compute_enable(request: HttpRequest, name: str) -> HttpResponse:
    """Say what turning a target on means, and turn it on."""
    person, target = find_administered(request, name)
    form = EnableForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            enable_target(target, person, understood=form.cleaned_data["understood"])
        except TargetRefused as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, f"{target.name} is on.")
            return redirect(target)
    context = {"target": target, "form": form, "trust": trust_statement_on(target)}
    return render(request, "computes/enable.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def compute_disable(request: HttpRequest, name: str) -> HttpResponse:
    """Turn a target off."""
    person, target = find_administered(request, name)
    disable_target(target, person)
    messages.success(request, f"{target.name} is off. What runs there goes on.")
    return redirect(target)
