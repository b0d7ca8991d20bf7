"""What people do with a run: cancel it, run it again, put it away and fetch it back."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from projects.models import Role
from runs.archiving import archive_run, unarchive_run
from runs.cancellation import request_cancel
from runs.submission import SubmissionRefused, rerun
from runs.views.run_frame import find_run


@require_POST
@login_required
def cancel_run(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Ask for the end of a run."""
    run = find_run(request, slug, number, Role.RUNNER)
    if not request_cancel(run, cast(User, request.user)):
        messages.info(request, "The run had ended already, or somebody had canceled it before.")
    return redirect(run)


@require_POST
@login_required
def repeat_run(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Queue the same code with the same configuration; what is refused leads to the filled-in form."""
    run = find_run(request, slug, number, Role.RUNNER)
    key = request.POST.get("idempotency_key") or None
    try:
        return redirect(rerun(cast(User, request.user), run, idempotency_key=key))
    except SubmissionRefused as refusal:
        for texts in refusal.errors.values():
            for text in texts:
                messages.error(request, text)
    return redirect(f"{reverse('submit', args=[slug])}?parent={number}")


@require_POST
@login_required
def put_away(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Archive a run that has ended."""
    run = find_run(request, slug, number, Role.RUNNER)
    if archive_run(run, cast(User, request.user)):
        messages.success(request, "The run is archived: lists show it only when archived runs are asked for.")
    elif not run.is_finished:
        messages.error(request, "A run that has not ended cannot be archived. Cancel it first, or wait for its end.")
    return redirect(run)


@require_POST
@login_required
def fetch_back(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Bring an archived run back into the lists."""
    run = find_run(request, slug, number, Role.RUNNER)
    if unarchive_run(run, cast(User, request.user)):
        messages.success(request, "The run is in the lists again.")
    return redirect(run)
