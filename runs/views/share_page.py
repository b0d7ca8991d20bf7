"""What the holder of a share link sees: one run, and of it only what was ticked. No cookie, no account, no change."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runs.log_page import log_view
from runs.models import ShareLink
from runs.presentation import status_of
from runs.serving import serve_log, serve_output
from runs.sharing import note_use, run_shown_by

Places = ParamSpec("Places")
View = Callable[Concatenate[HttpRequest, ShareLink, Places], HttpResponseBase]
Opened = Callable[Concatenate[HttpRequest, str, Places], HttpResponseBase]


def opened_by_token(view: View[Places]) -> Opened[Places]:
    """Turn the token of an address into the link that it opens; every token that opens none gets the same answer.

    Nothing on the way keeps a copy: no cache, no search engine, no Referer header.
    """

    @require_safe
    @wraps(view)
    def guarded(request: HttpRequest, token: str, *args: Places.args, **places: Places.kwargs) -> HttpResponseBase:
        link = run_shown_by(token)
        try:
            response = render_gone(request) if link is None else view(request, link, *args, **places)
        except Http404:
            response = render_gone(request)
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return cast(Opened[Places], guarded)


def render_gone(request: HttpRequest) -> HttpResponseBase:
    """Return the page for links that open nothing, without saying why."""
    return render(request, "runs/share/gone.html", status=404)


@opened_by_token
def show_share(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    """The shared run: state, metrics, and log and outputs where they are shared."""
    note_use(link)
    run = link.run
    context = {
        "link": link,
        "run": run,
        "token": request.resolver_match.kwargs["token"] if request.resolver_match else "",
        "status": status_of(run, share=link),
        "log": log_view(run, "log", request.GET.get("line", "")) if link.shows_log else None,
        "outputs": run.outputs.all() if link.shows_outputs else [],
        "metrics": run.latest_metrics.all(),
    }
    return render(request, "runs/share/run.html", context)


@opened_by_token
def show_shared_log(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    """The raw log of the shared run."""
    if not link.shows_log:
        raise Http404("The log is not shared.")
    return serve_log(link.run, "log", request)


@opened_by_token
def show_shared_output(request: HttpRequest, link: ShareLink, path: str) -> HttpResponseBase:
    """One output of the shared run."""
    if not link.shows_outputs:
        raise Http404("The outputs are not shared.")
    return serve_output(link.run, path, request)
