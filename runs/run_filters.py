"""What a list of runs is narrowed to and how it is ordered: read from the address, written back into addresses."""

import re
from dataclasses import dataclass, fields, replace
from typing import Self
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.http import QueryDict

from runs.models import LatestMetric, Run
from runs.status import ACTIVE, State

STATE_CHOICES = {"active": "Active", **{state.value: state.value.capitalize() for state in State}}
PLAIN_SORTS = ("-number", "number", "-duration", "duration")
METRIC_SORT = re.compile(r"-?metric:(?P<name>.{1,250})\Z", re.DOTALL)
MOST_METRIC_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class RunFilters:
    """One view of a list of runs. Empty texts mean "any"; nonsense in the address is read as "any", too.

    `metrics` are the metric columns asked for, None when the page is to choose them itself.
    """

    state: str = ""
    target: str = ""
    script: str = ""
    person: str = ""
    tag: str = ""
    archived: bool = False
    sort: str = "-number"
    metrics: tuple[str, ...] | None = None

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """Read the parameters of an address."""
        state, sort = query.get("state", ""), query.get("sort", "")
        named = tuple(dict.fromkeys(name for name in query.getlist("metric") if name))[:MOST_METRIC_COLUMNS]
        return cls(
            state=state if state in STATE_CHOICES else "",
            target=_plain(query.get("target", "")),
            script=_plain(query.get("script", "")),
            person=_plain(query.get("person", "")),
            tag=_plain(query.get("tag", "")),
            archived=query.get("archived") == "1",
            sort=sort if sort in PLAIN_SORTS or (METRIC_SORT.match(sort) and "\0" not in sort) else "-number",
            metrics=tuple(map(_plain, named)) if named or "columns" in query else None,
        )

    @property
    def metric_sort(self) -> str:
        """Return the name of the metric that the list is sorted by, or the empty text."""
        found = METRIC_SORT.match(self.sort)
        return found["name"] if found else ""

    @property
    def is_narrowed(self) -> bool:
        """Return whether some runs may be left out by a filter that a person chose."""
        return bool(self.state or self.target or self.script or self.person or self.tag)

    def changed(self, **values: object) -> Self:
        """Return the same view with some values replaced."""
        return replace(self, **values)  # type: ignore[arg-type]

    def to_query(self) -> str:
        """Return the parameters of the address that shows this view."""
        pairs = [(field.name, str(getattr(self, field.name))) for field in fields(self) if field.type is str]
        pairs = [(name, value) for name, value in pairs if value and (name, value) != ("sort", "-number")]
        pairs += [("archived", "1")] if self.archived else []
        if self.metrics is not None:
            pairs += [("metric", name) for name in self.metrics] or [("columns", "none")]
        return urlencode(pairs)

    def narrow(self, runs: "QuerySet[Run]") -> "QuerySet[Run]":
        """Return the runs that the filters let through, unordered."""
        wanted = Q() if self.archived else Q(is_archived=False)
        if self.state:
            wanted &= Q(state__in=ACTIVE) if self.state == "active" else Q(state=self.state)
        named = {
            "target__name": self.target,
            "script": self.script,
            "created_by__username": self.person,
        }
        wanted &= Q(**{name: value for name, value in named.items() if value})
        if self.tag:
            wanted &= Q(tags__name=self.tag)
        if self.metric_sort:
            wanted &= Q(pk__in=LatestMetric.objects.filter(name=self.metric_sort, value__isnull=False).values("run"))
        return runs.filter(wanted)

    def order(self, runs: "QuerySet[Run]", *, within_project: bool) -> "QuerySet[Run]":
        """Return the runs in the order asked for; equal ones newest first."""
        newest = "-number" if within_project else "-created_at"
        falling = self.sort.startswith("-")
        if self.sort in ("-number", "number"):
            return runs.order_by(newest if falling else newest.removeprefix("-"), "pk")
        if self.metric_sort:
            runs = runs.filter(latest_metrics__name=self.metric_sort)
            value = F("latest_metrics__value")
        else:
            value = F("script_seconds")
        return runs.order_by(value.desc(nulls_last=True) if falling else value.asc(nulls_last=True), newest)


def _plain(text: str) -> str:
    """Return a text that a database can be asked for: PostgreSQL knows no NUL."""
    return text.replace("\0", "")[:500]
