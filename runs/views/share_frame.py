"""What all pages of a share link have in common: opening the link, its frame, and the headers that keep it private."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs.metric_series import newest_metric_of
from runs.models import Run, ShareLink
from runs.presentation import RunStatus, status_of
from runs.sharing import run_shown_by
from runs.views.run_frame import Tab, file_size

Places = ParamSpec("Places")


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A link and the token that opened it, which only the holder knows."""

    link: ShareLink
    token: str

    @property
    def run(self) -> Run:
        """Return the run that is shared."""
        return self.link.run

    def address(self, name: str, *places: str) -> str:
        """Return the address of one of the link's pages."""
        return reverse(name, args=[self.token, *places])


View = Callable[Concatenate[HttpRequest, OpenedLink, Places], HttpResponseBase]
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
            response = view(request, OpenedLink(link, token), *args, **places) if link else render_gone(request)
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


@dataclass(frozen=True, slots=True)
class SharePage:
    """The frame of a page: the run, its state and the tabs that are shared."""

    link: ShareLink
    run: Run
    status: RunStatus
    tabs: list[Tab]
    newest_metric: int
    log_size: int
    socket: str

    @property
    def is_active(self) -> bool:
        """Return whether the run can still change."""
        return not self.run.is_finished


def share_page_of(opened: OpenedLink, current: str) -> SharePage:
    """Return the frame of one of a link's pages; `current` is the URL name of the tab that is shown."""
    run, link = opened.run, opened.link
    return SharePage(
        link=link,
        run=run,
        status=status_of(run, share=link),
        tabs=tabs_of(opened, current),
        newest_metric=newest_metric_of(run),
        log_size=file_size(run) if link.shows_log else 0,
        socket=f"/ws/share/{opened.token}/",
    )


def tabs_of(opened: OpenedLink, current: str) -> list[Tab]:
    """Return the tabs that a link shows. Its own address shows the log, or the metrics where the log is not shared."""
    run, link = opened.run, opened.link
    metrics = "share_metrics" if link.shows_log else "share"
    kinds = [(metrics, "Metrics", "chart-line", run.latest_metrics.count())]
    if link.shows_log:
        kinds.insert(0, ("share", "Log", "terminal-2", 0))
    if link.shows_outputs:
        kinds.append(("share_outputs", "Outputs", "folder", run.outputs.filter(skipped="").count()))
    return [Tab(label, icon, opened.address(name), name == current, count) for name, label, icon, count in kinds]
