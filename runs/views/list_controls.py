"""What a list of runs offers above its rows: chips that take a filter away, heads that sort, columns to choose."""

from collections.abc import Sequence
from dataclasses import dataclass

from runs.run_filters import STATE_CHOICES, RunFilters


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force. Its query shows the list without it."""

    label: str
    value: str
    query: str


@dataclass(frozen=True, slots=True)
class Head:
    """One column's head. `order` is "ascending", "descending" or "none"; an empty query means it cannot sort."""

    label: str
    query: str = ""
    order: str = "none"
    is_number: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class MetricColumn:
    """One metric that can be a column."""

    name: str
    is_shown: bool


def chips_of(filters: RunFilters) -> list[Chip]:
    """Return a chip for each filter in force."""
    chips = [
        Chip(label, STATE_CHOICES[value] if label == "state" else value, filters.changed(**{label: ""}).to_query())
        for label in ("state", "target", "script", "person", "tag")
        if (value := getattr(filters, label))
    ]
    if filters.archived:
        chips.append(Chip("archived", "shown", filters.changed(archived=False).to_query()))
    return chips


def head_of(filters: RunFilters, columns: Sequence[str], *, within_project: bool) -> list[Head]:
    """Return the heads of the table in the order of its columns."""
    started = [_sortable(filters, "Started", "number")] if not within_project else [Head("Started")]
    first = [_sortable(filters, "Run", "number")] if within_project else [Head("Run")]
    return [
        *first,
        Head("State"),
        Head("Script", kind="script"),
        *(_sortable(filters, name, f"metric:{name}", is_number=True) for name in columns),
        Head("Target"),
        Head("Who"),
        *started,
        _sortable(filters, "Duration", "duration", is_number=True),
        Head("Tags"),
    ]


def columns_of(offered: Sequence[str], shown: Sequence[str]) -> list[MetricColumn]:
    """Return the metrics to choose from; one that is shown is offered even when no recent run logged it."""
    return [MetricColumn(name, name in shown) for name in dict.fromkeys((*shown, *offered))]


def _sortable(filters: RunFilters, label: str, key: str, *, is_number: bool = False) -> Head:
    """Return a head that sorts falling first, then rising."""
    order = {f"-{key}": "descending", key: "ascending"}.get(filters.sort, "none")
    following = key if order == "descending" else f"-{key}"
    return Head(label, filters.changed(sort=following).to_query() or "sort=-number", order, is_number)
