"""The page that says who may use a target."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from computes.forms.grant_form import GrantForm
from computes.granting import grant_use, revoke_grant
from computes.trust import trust_statement_on
from computes.views.finding import find_administered


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def compute_grants(request: HttpRequest, name: str) -> HttpResponse:
    """List the grants of a target and add one."""
    person, target = find_administered(request, name)
    form = GrantForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        grant = grant_use(
            target,
            person,
            form.holder,
            slots=form.cleaned_data["slots"],
            longest_run_seconds=form.cleaned_data["longest_run_seconds"],
        )
        messages.success(request, f"Granted: {grant.holder} may use {target.name}.")
        return redirect("compute_grants", name=target.name)
    context = {
        "target": target,
        "form": form,
        "grants": target.grants.select_related("user", "group", "project", "granted_by").order_by("pk"),
        "trust": trust_statement_on(target),
    }
    return render(request, "computes/grants.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def compute_revoke(request: HttpRequest, name: str, grant_id: int) -> HttpResponse:
    """Take a grant back."""
    person, target = find_administered(request, name)
    grant = get_object_or_404(target.grants.select_related("target"), pk=grant_id)
    holder = grant.holder
    revoke_grant(grant, person)
    messages.success(request, f"The grant of {holder} is taken back.")
    return redirect("compute_grants", name=target.name)
