"""The card of a target's connection: scanning and approving host keys, and what the task workers say of it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from computes.connection import connection_of
from computes.credentials import forget_install_password
from computes.errands import request_errand
from computes.forms.switch_forms import ApprovalForm
from computes.host_approval import approve_host_key
from computes.models import TargetErrand
from computes.refusals import TargetRefused
from computes.views.finding import find_administered, find_visible


@require_safe
@login_required
def compute_connection(request: HttpRequest, name: str) -> HttpResponse:
    """Return the card of the target's page that shows the connection; a browser that asks for a page gets all of it."""
    person, target = find_visible(request, name)
    if not target.is_over_ssh or not request.headers.get("HX-Request"):
        return redirect(f"{target.get_absolute_url()}#connection")
    context = {"target": target, "connection": connection_of(target), "may_change": person.is_superuser}
    return render(request, "computes/_connection.html", context)


@require_POST
@login_required
def compute_scan(request: HttpRequest, name: str) -> HttpResponse:
    """Ask a task worker to look at the host's keys."""
    person, target = find_administered(request, name)
    if target.is_over_ssh:
        request_errand(target, person, TargetErrand.Kind.SCAN)
    return redirect(f"{target.get_absolute_url()}#connection")


@require_POST
@login_required
def compute_approve(request: HttpRequest, name: str) -> HttpResponse:
    """Approve one of the keys that were shown."""
    person, target = find_administered(request, name)
    form = ApprovalForm(request.POST)
    if form.is_valid():
        try:
            approve_host_key(target, person, form.cleaned_data["fingerprint"], form.cleaned_data["understood"])
        except TargetRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "The key is approved.")
    else:
        messages.error(request, "Choose the key whose fingerprint you have compared.")
    return redirect(f"{target.get_absolute_url()}#connection")


@require_POST
@login_required
def compute_forget_password(request: HttpRequest, name: str) -> HttpResponse:
    """Forget the password that waits to be used once."""
    _, target = find_administered(request, name)
    forget_install_password(target)
    messages.success(request, "The password is forgotten. Add the public key by hand.")
    return redirect(f"{target.get_absolute_url()}#connection")
