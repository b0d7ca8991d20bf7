"""A project's runs, page by page: the cursor names the last run seen, so nothing is missed or shown twice while new
runs arrive."""

import base64
import json
import math
from typing import Any

from django.db.models import F, FloatField, OuterRef, Q, QuerySet, Subquery, Value

from projects.models import Project
from runs.api.problems import invalid
from runs.models import LatestMetric, Run
from runs.run_filters import METRIC_SORT, PLAIN_SORTS, STATE_CHOICES, RunFilters

Place = tuple[float | None, int]


def page_of_runs(project: Project, filters: RunFilters, cursor: str, limit: int) -> tuple[list[Run], str | None]:
    """Return at most `limit` runs after a cursor ("" = from the start), and the cursor of what follows or None.

    Runs without a value to sort by come last; equal ones come newest first.
    """
    runs: QuerySet[Run] = filters.narrow(Run.objects.filter(project=project)).annotate(place=place_of(filters))
    falling = filters.sort.startswith("-")
    newest_first = filters.sort != "number"
    if cursor:
        runs = runs.filter(after(read_cursor(cursor, filters.sort), filters.sort))
    value = F("place").desc(nulls_last=True) if falling else F("place").asc(nulls_last=True)
    number = "-number" if newest_first else "number"
    order = (number,) if is_by_number(filters.sort) else (value, number)
    found = list(
        runs.order_by(*order)
        .select_related("project", "target", "created_by")
        .prefetch_related("tags", "latest_metrics")[: limit + 1]
    )
    if len(found) <= limit:
        return found, None
    last: Any = found[limit - 1]
    return found[:limit], write_cursor(filters.sort, (last.place, last.number))


def is_by_number(sort: str) -> bool:
    """Return whether an order is that of the runs' numbers, which needs no other value."""
    return sort.removeprefix("-") == "number"


def read_filters(state: str, target: str, script: str, tag: str, person: str, sort: str) -> RunFilters:
    """Return the filters of a call. Raises ApiProblem for states and orders that do not exist."""
    wrong: dict[str, list[str]] = {}
    if state and state not in STATE_CHOICES:
        wrong["state"] = [f"There is no such state. Use one of: {', '.join(STATE_CHOICES)}."]
    if sort not in PLAIN_SORTS and METRIC_SORT.match(sort) is None:
        wrong["sort"] = [f"There is no such order. Use one of: {', '.join(PLAIN_SORTS)}, metric:NAME, -metric:NAME."]
    if wrong:
        raise invalid(wrong)
    return RunFilters(state=state, target=target, script=script, tag=tag, person=person, sort=sort)


def place_of(filters: RunFilters) -> Any:
    """Return the expression that runs are sorted by before their number; NULL where the number is all."""
    if filters.metric_sort:
        latest = LatestMetric.objects.filter(run=OuterRef("pk"), name=filters.metric_sort)
        return Subquery(latest.values("value")[:1])
    return Value(None, FloatField()) if is_by_number(filters.sort) else F("script_seconds")


def after(place: Place, sort: str) -> Q:
    """Return the condition for runs that come after a place."""
    value, number = place
    same = Q(number__gt=number) if sort == "number" else Q(number__lt=number)
    if is_by_number(sort):
        return same
    if value is None:
        return Q(place__isnull=True) & same
    beyond = Q(place__lt=value) if sort.startswith("-") else Q(place__gt=value)
    return beyond | Q(place=value) & same | Q(place__isnull=True)


def write_cursor(sort: str, place: Place) -> str:
    """Return the text that stands for a place in an order."""
    return base64.urlsafe_b64encode(json.dumps([sort, *place]).encode()).decode().rstrip("=")


def read_cursor(cursor: str, sort: str) -> Place:
    """Return the place that a cursor stands for. Raises ApiProblem for what is no cursor, or one of another order."""
    refusal = invalid({"cursor": ["This is not a cursor of this list. Start without one, and keep `sort` as it was."]})
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        made_for, value, number = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError) as error:
        raise refusal from error
    is_value = value is None or (isinstance(value, float) and math.isfinite(value))
    if made_for != sort or not is_value or type(number) is not int or not 0 <= number < 2**31:
        raise refusal
    return value, number
