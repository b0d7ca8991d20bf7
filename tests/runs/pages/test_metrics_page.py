"""Metrics: the table, the drawing without JavaScript, the course for the charts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.urls import reverse

from runs.metric_series import drawn, latest_and_newest, series_of, thinned
from runs.metrics import LoggedValue, store
from runs.models import LatestMetric, MetricPoint, Run
from tests.runs.pages.conftest import SeenBy


def test_the_page_shows_numbers_texts_and_a_drawing(
    run: Run, metrics: list[float], seen_by: SeenBy, alice: User
) -> None:
    page = seen_by(alice).get(reverse("run_metrics", args=["hello", 1])).content.decode()
    assert '<td class="number" data-highest>1</td>' in page
    assert "&lt;i&gt;linear&lt;/i&gt;" in page
    assert page.count("<polyline") == 1


def test_the_course_of_a_metric_is_sent_by_step(run: Run, metrics: list[float], seen_by: SeenBy, alice: User) -> None:
    MetricPoint.objects.create(run=run, name="loss", step=-1, time=0, value=5.0)
    MetricPoint.objects.create(run=run, name="loss", step=4, time=0, value=None, text="NaN")
    answer = seen_by(alice).get(reverse("run_metric_series", args=["hello", 1]), {"name": "loss"})
    assert answer.json() == {"name": "loss", "points": [[-1, 5.0], *([step, v] for step, v in enumerate(metrics))]}


@pytest.mark.parametrize("name", ["", "unknown", "lo\0ss2"])
def test_an_unknown_metric_is_not_found(
    run: Run, metrics: list[float], seen_by: SeenBy, alice: User, charlie: User, name: str
) -> None:
    address = reverse("run_metric_series", args=["hello", 1])
    assert seen_by(alice).get(address, {"name": name}).status_code == 404
    assert seen_by(charlie).get(address, {"name": "loss"}).status_code == 404
    assert seen_by(alice).post(address).status_code == 405


def test_what_is_logged_while_the_page_is_read_is_counted_once(run: Run) -> None:
    value = LoggedValue("loss", None, 0.0, 1.0, "")
    store(run, [value])
    interruptions = iter([True])

    def log_meanwhile(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        found = execute(sql, params, many, context)
        if sql.startswith("SELECT") and LatestMetric._meta.db_table in sql and next(interruptions, False):
            store(run, [value])
        return found

    with connection.execute_wrapper(log_meanwhile):
        [latest], newest = latest_and_newest(run)
    assert latest.points == run.metric_points.filter(pk__lte=newest).count() == 2


def test_peaks_survive_the_thinning() -> None:
    points = [(step, 0.0) for step in range(100_000)]
    points[77_777], points[123] = (77_777, 9.0), (123, -9.0)
    few = thinned(points, 1_000)
    assert len(few) <= 1_000
    assert {(77_777, 9.0), (123, -9.0)} <= set(few)
    assert few == sorted(few)


def test_very_long_courses_are_read_in_part(run: Run) -> None:
    MetricPoint.objects.bulk_create(MetricPoint(run=run, name="x", step=n, time=0, value=n) for n in range(2_000))
    assert len(series_of(run, "x", most=5_000, logged=80_000)) < 1_000


@pytest.mark.parametrize("points", [[(0, 1.0), (1, 1.0)], [(5, 0.0), (5, 2.0)], [(0, -1e300), (2**62, 1e300)]])
def test_a_drawing_stays_in_its_box(points: list[tuple[int, float]]) -> None:
    for pair in drawn(points).split():
        across, up = map(float, pair.split(","))
        assert 0 <= across <= 320
        assert 0 <= up <= 96


def test_one_point_is_no_course() -> None:
    assert drawn([(0, 1.0)]) == ""


def test_a_run_without_metrics_says_how_to_log_some(run: Run, seen_by: SeenBy, alice: User) -> None:
    page = seen_by(alice).get(reverse("run_metrics", args=["hello", 1])).content.decode()
    assert "No metrics yet" in page
