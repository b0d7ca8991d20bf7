"""What a script logged: charts and a table, and one metric's course for the charts."""

from dataclasses import replace

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from runs.metric_series import charts_of, latest_and_newest, series_of
from runs.views.run_frame import find_run, page_of


@require_safe
@login_required
def show_metrics(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show all metrics of a run."""
    run = find_run(request, slug, number)
    metrics, newest = latest_and_newest(run)
    page = replace(page_of(run, request.user, "run_metrics"), newest_metric=newest)
    series = reverse("run_metric_series", args=[slug, number])
    context = {"page": page, "metrics": metrics, "series": series}
    return render(request, "runs/run/metrics.html", context | {"charts": charts_of(metrics)})


@require_safe
@login_required
def send_series(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Send the course of the metric `?name=` as [step, value] pairs."""
    run = find_run(request, slug, number)
    latest = run.latest_metrics.filter(name=request.GET.get("name", "").replace("\0", "")).first()
    if latest is None:
        raise Http404("No such metric.")
    return JsonResponse({"name": latest.name, "points": series_of(run, latest.name, logged=latest.points)})
