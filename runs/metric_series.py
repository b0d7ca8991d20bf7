"""The course of a metric as few enough points for a chart, with its peaks kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Max
from django.db.models.functions import Mod

from runs.models import LatestMetric, MetricPoint, Run

MOST_ROWS = 40_000
MOST_CHARTS = 60
MOST_READINGS = 5
WIDTH, HEIGHT, MARGIN = 320, 96, 4

Point = tuple[int, float]


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """Return at most `most` points: of each stretch the lowest and the highest, in order."""
    if len(points) <= most:
        return list(points)
    stretch = -(-len(points) // (most // 2))
    kept: list[Point] = []
    for start in range(0, len(points), stretch):
        part = points[start : start + stretch]
        low, high = min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])
        kept += [low] if low == high else sorted((low, high))
    return kept


def series_of(run: Run, name: str, most: int = 1_000, logged: int | None = None) -> list[Point]:
    """Return (step, value) by step, at most `most` of them. `logged` is how many there are, where it is known.

    Of very many only every n-th row is read, so that a page stays fast.
    """
    rows = MetricPoint.objects.filter(run=run, name=name, value__isnull=False)
    logged = rows.count() if logged is None else logged
    if logged > MOST_ROWS:
        rows = rows.annotate(turn=Mod(F("id"), logged // MOST_ROWS + 1)).filter(turn=0)
    pairs = rows.order_by("step", "id").values_list("step", "value")
    return thinned([(step, value) for step, value in pairs if value is not None], most)


def drawn(points: Sequence[Point]) -> str:
    """Return the points of an SVG line in a box of WIDTH × HEIGHT, empty for fewer than two."""
    if len(points) < 2:
        return ""
    values = [value for _, value in points]
    low, high, first = min(values), max(values), points[0][0]
    across = (WIDTH - 2 * MARGIN) / ((points[-1][0] - first) or 1)
    up = (HEIGHT - 2 * MARGIN) / (high - low) if high > low else 0.0
    bottom = HEIGHT - MARGIN if high > low else HEIGHT / 2
    return " ".join(
        f"{MARGIN + (step - first) * across:.1f},{bottom - (value - low) * up:.1f}" for step, value in points
    )


def newest_metric_of(run: Run) -> int:
    """Return the id of the last point of a run, 0 when there is none."""
    newest: int | None = run.metric_points.aggregate(newest=Max("id"))["newest"]
    return newest or 0


def latest_and_newest(run: Run) -> tuple[list[LatestMetric], int]:
    """Return the newest values of a run and the id of the last point that they count, so that a page can go on there.

    The two are read one after the other while the run logs, so they are read again until nothing came in between.
    """
    for _ in range(MOST_READINGS):
        newest = newest_metric_of(run)
        latest = list(run.latest_metrics.select_related("run"))
        if newest_metric_of(run) == newest:
            break
    return latest, newest


@dataclass(frozen=True, slots=True)
class MetricChart:
    """One metric that has a course: its newest value, and its line drawn on the server."""

    latest: LatestMetric
    line: str


def charts_of(metrics: Sequence[LatestMetric]) -> list[MetricChart]:
    """Return a chart for each metric with several numbers, at most 60 of them."""
    courses = [metric for metric in metrics if metric.points > 1 and metric.highest is not None][:MOST_CHARTS]
    charts = [MetricChart(metric, drawn(series_of(metric.run, metric.name, 200, metric.points))) for metric in courses]
    return [chart for chart in charts if chart.line]
