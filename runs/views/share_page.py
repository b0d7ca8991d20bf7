"""What the holder of a share link sees: one run, and of it only what was ticked. No account, no change."""

from dataclasses import replace

from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from runs.log_page import log_view
from runs.metric_series import charts_of, latest_and_newest, series_of
from runs.output_tree import tree_of
from runs.serving import serve_log, serve_output
from runs.sharing import note_use
from runs.views.run_outputs import wanted_preview
from runs.views.share_frame import OpenedLink, opened_by_token, share_page_of


@opened_by_token
def show_share(request: HttpRequest, opened: OpenedLink) -> HttpResponseBase:
    """The shared run with its log, or with its metrics where the log is not shared."""
    note_use(opened.link)
    if not opened.link.shows_log:
        return render_metrics(request, opened, "share")
    log = log_view(opened.run, "log", request.GET.get("line", ""))
    context = {"page": share_page_of(opened, "share"), "log": log, "raw": opened.address("share_log")}
    return render(request, "runs/share/log.html", context)


@opened_by_token
def show_shared_metrics(request: HttpRequest, opened: OpenedLink) -> HttpResponseBase:
    """The metrics of the shared run."""
    return render_metrics(request, opened, "share_metrics")


def render_metrics(request: HttpRequest, opened: OpenedLink, current: str) -> HttpResponseBase:
    """Return the page of metrics."""
    metrics, newest = latest_and_newest(opened.run)
    context = {
        "page": replace(share_page_of(opened, current), newest_metric=newest),
        "metrics": metrics,
        "charts": charts_of(metrics),
        "series": opened.address("share_series"),
    }
    return render(request, "runs/share/metrics.html", context)


@opened_by_token
def send_shared_series(request: HttpRequest, opened: OpenedLink) -> HttpResponseBase:
    """The course of the metric `?name=` as [step, value] pairs."""
    latest = opened.run.latest_metrics.filter(name=request.GET.get("name", "").replace("\0", "")).first()
    if latest is None:
        raise Http404("No such metric.")
    return JsonResponse({"name": latest.name, "points": series_of(opened.run, latest.name, logged=latest.points)})


@opened_by_token
def send_shared_log(request: HttpRequest, opened: OpenedLink) -> HttpResponseBase:
    """The raw log of the shared run; our own system log is never shared."""
    if not opened.link.shows_log:
        raise Http404("The log is not shared.")
    return serve_log(opened.run, "log", request)


@opened_by_token
def show_shared_outputs(request: HttpRequest, opened: OpenedLink) -> HttpResponseBase:
    """The tree of outputs, and a look into the one that `?file=` names."""
    if not opened.link.shows_outputs:
        raise Http404("The outputs are not shared.")
    outputs = list(opened.run.outputs.all())
    context = {
        "page": share_page_of(opened, "share_outputs"),
        "tree": tree_of(outputs),
        "skipped": [output for output in outputs if output.skipped],
        "size": sum(output.size_bytes for output in outputs if not output.skipped),
        "preview": wanted_preview(opened.run, request.GET.get("file", "")),
        "here": opened.address("share_outputs"),
    }
    return render(request, "runs/share/outputs.html", context)


@opened_by_token
def send_shared_output(request: HttpRequest, opened: OpenedLink, path: str) -> HttpResponseBase:
    """One output of the shared run."""
    if not opened.link.shows_outputs:
        raise Http404("The outputs are not shared.")
    return serve_output(opened.run, path, request)
