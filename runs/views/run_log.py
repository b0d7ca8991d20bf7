"""The first page of a run, which is its log, and the log as a file."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs.log_page import log_view
from runs.presentation import render_status
from runs.serving import LOG_FILES, serve_log
from runs.views.run_frame import find_run, page_of


@require_safe
@login_required
def show_run(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a run with its log: the end of it, or the part around `?line=`; `?stream=` has our own parts."""
    run = find_run(request, slug, number)
    stream = request.GET.get("stream", "log")
    if stream not in LOG_FILES:
        raise Http404("No such log.")
    page = page_of(run, request.user, "run")
    log = log_view(run, stream, request.GET.get("line", ""))
    raw = reverse("run_raw_log", args=[slug, number])
    has_build = (run.folder / LOG_FILES["build"]).exists()
    return render(request, "runs/run/log.html", {"page": page, "log": log, "raw": raw, "has_build": has_build})


@require_safe
@login_required
def show_status(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the head of a run alone, for pages that look again because nothing tells them of a new contact."""
    return HttpResponse(render_status(find_run(request, slug, number), user=request.user))


@require_safe
@login_required
def send_log(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Send a log as it is, byte for byte."""
    return serve_log(find_run(request, slug, number), request.GET.get("stream", "log"), request)
