"""Environments as lists and pages show them: one entry for each lock (or ask, before there is one), on its targets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import CharField, F, Max, QuerySet
from django.db.models.functions import Coalesce

from computes.models import TargetEnvironment

MOST_WORDS = 4
MOST_ON_A_PAGE = 100
STATE_LOOKS = {
    TargetEnvironment.State.MISSING: ("queued", "circle-x"),
    TargetEnvironment.State.BUILDING: ("preparing", "loader-2"),
    TargetEnvironment.State.READY: ("completed", "circle-check"),
    TargetEnvironment.State.FAILED: ("failed", "circle-x"),
    TargetEnvironment.State.REMOVING: ("preparing", "trash"),
}


@dataclass(frozen=True, slots=True)
class ListedEnvironment:
    """One environment with its rows, the one that was used last first."""

    key: str
    rows: list[TargetEnvironment]

    @property
    def first(self) -> TargetEnvironment:
        """Return the row that speaks for all: what was asked for."""
        return self.rows[0]

    @property
    def size_bytes(self) -> int | None:
        """Return the size of one prefix, where it is known."""
        return max((row.size_bytes for row in self.rows if row.size_bytes), default=None)

    @property
    def last_used_at(self) -> datetime | None:
        """Return when it was used last anywhere."""
        return max((row.last_used_at for row in self.rows if row.last_used_at), default=None)

    @property
    def is_going_on(self) -> bool:
        """Return whether news may come soon."""
        return any(row.is_going_on for row in self.rows)


def listed(rows: Iterable[TargetEnvironment]) -> list[ListedEnvironment]:
    """Return rows grouped by what names them, in their order."""
    found: dict[str, list[TargetEnvironment]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return [ListedEnvironment(key, group) for key, group in found.items()]


def page_of_list(rows: "QuerySet[TargetEnvironment, Any]", number: str) -> Page[Any]:
    """Return one page of the environments that some rows are of, the ones that were used last first."""
    named = rows.annotate(name=Coalesce("lock_id", "digest", output_field=CharField()))
    names = named.order_by().values("name").annotate(used=Max("last_used_at"), newest=Max("pk"))
    names = names.order_by(F("used").desc(nulls_last=True), "-newest").values_list("name", flat=True)
    page: Page[Any] = Paginator(list(names), MOST_ON_A_PAGE).get_page(number)
    shown = {each.key: each for each in listed(named.filter(name__in=page.object_list).defer("packages"))}
    page.object_list = [shown[name] for name in page.object_list if name in shown]
    return page


def asked_in_words(asked: Mapping[str, Any]) -> str:
    """Return the beginning of what was asked for: "python 3.11.*, numpy, pandas and 3 more"."""
    wanted = [*asked.get("conda", ()), *(line for line in asked.get("pip", ()) if not line.startswith("-"))]
    if not wanted:
        return str(asked.get("source", "nothing"))
    rest = len(wanted) - MOST_WORDS
    return ", ".join(wanted[:MOST_WORDS]) + (f" and {rest} more" if rest > 0 else "")
