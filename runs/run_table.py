"""One page of a list of runs with its metric columns, in a fixed number of queries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

from runs.models import LatestMetric, Run, Tag
from runs.run_filters import RunFilters

PAGE_SIZE = 50
COLUMNS_OF_OUR_OWN_CHOICE = 2
MOST_LISTED = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages through the first 10,000 runs, so that counting costs the same however many there are."""

    def __init__(self, ordered: "QuerySet[Any]", unordered: "QuerySet[Any]") -> None:
        super().__init__(ordered, PAGE_SIZE)
        self.unordered = unordered

    @cached_property
    def found(self) -> int:
        """Return the number of runs, 10,001 standing for all above it."""
        return self.unordered.order_by()[: MOST_LISTED + 1].count()

    @property
    def count(self) -> int:
        """Return how many runs can be paged through."""
        return min(self.found, MOST_LISTED)

    @property
    def is_capped(self) -> bool:
        """Return whether there are more runs than can be paged through."""
        return self.found > MOST_LISTED


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of a list: its tags, and one cell for each metric column (None where it logged nothing)."""

    run: Run
    tags: tuple[str, ...]
    cells: tuple[LatestMetric | None, ...]

    @property
    def duration(self) -> timedelta | float | None:
        """Return how long the script ran; of a run that is on, how long it has been on its target."""
        return self.run.script_seconds if self.run.script_seconds is not None else self.run.duration

    @property
    def grows_since(self) -> datetime | None:
        """Return since when the duration grows, None when it does not."""
        return None if self.run.is_finished else self.run.preparing_at


@dataclass(frozen=True, slots=True)
class RunTable:
    """One page of a list. `columns` are the names of metrics; `page` counts the whole list."""

    page: Page[Any]
    rows: tuple[RunRow, ...]
    columns: tuple[str, ...]

    @property
    def has_active(self) -> bool:
        """Return whether a run on this page can still change."""
        return any(not row.run.is_finished for row in self.rows)


def rows_of(runs: Sequence[Run], columns: Sequence[str] | None = ()) -> tuple[tuple[RunRow, ...], tuple[str, ...]]:
    """Return the rows of some runs and their metric columns, in two queries.

    Columns None means: the numbers that most of these runs logged.
    """
    ids = [run.pk for run in runs]
    tags: dict[Any, list[str]] = {}
    for run_id, name in Tag.objects.filter(run__in=ids).values_list("run", "name"):
        tags.setdefault(run_id, []).append(name)
    metrics = list(LatestMetric.objects.filter(run__in=ids).order_by("name"))
    if columns is None:
        logged = Counter(metric.name for metric in metrics if metric.value is not None)
        columns = [name for name, _count in logged.most_common(COLUMNS_OF_OUR_OWN_CHOICE)]
    cells = {(metric.run_id, metric.name): metric for metric in metrics}
    rows = tuple(
        RunRow(run, tuple(tags.get(run.pk, ())), tuple(cells.get((run.pk, name)) for name in columns)) for run in runs
    )
    return rows, tuple(columns)


def table_of(runs: "QuerySet[Run]", filters: RunFilters, page: str, *, within_project: bool) -> RunTable:
    """Return one page of the runs that the filters let through.

    The page is found by keys alone, so that the database joins fifty rows and not all that come before them.
    """
    narrowed = filters.narrow(runs)
    ordered = filters.order(narrowed, within_project=within_project).values_list("pk", flat=True)
    found: Page[Any] = CappedPaginator(ordered, narrowed.values("pk")).get_page(page)
    keys = list(found.object_list)
    by_key = {run.pk: run for run in Run.objects.filter(pk__in=keys).select_related("project", "target", "created_by")}
    columns = filters.metrics
    if columns is not None and filters.metric_sort and filters.metric_sort not in columns:
        columns = (*columns, filters.metric_sort)
    rows, columns = rows_of([by_key[key] for key in keys], columns)
    return RunTable(page=found, rows=rows, columns=columns)
