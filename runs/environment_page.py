"""What the page of one environment says, as one person may see it."""

import os
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter

from django.contrib.auth.models import AnonymousUser, User

from computes.build_folder import log_of
from computes.environments.exports import explicit_text, pixi_lock_text
from computes.environments.lock_json import lock_from_json
from computes.models import EnvironmentLock, TargetEnvironment
from computes.package_settings import package_cache
from projects.models import Project
from runs.environment_offers import Offer, offers_for
from runs.environment_preparation import may_change
from runs.models import Run
from runs.plain_text import plain_line

TAIL_BYTES = 32 * 1024
RUNS_SHOWN = 20
FORMS = ("lock", "explicit", "pixi")


@dataclass(frozen=True)
class EnvironmentPage:
    """One environment on its targets. `rows` are those that the reader may know of; there is at least one."""

    key: str
    rows: list[TargetEnvironment]
    user: User

    @property
    def first(self) -> TargetEnvironment:
        """Return the row that speaks for all: one that goes on, else the one that was used last."""
        return next((row for row in self.rows if row.is_going_on), next(iter(self.attached), self.rows[0]))

    @property
    def built_last(self) -> TargetEnvironment:
        """Return the row whose log is shown: one that goes on, else the one that was built last, well or in vain."""
        if self.first.is_going_on:
            return self.first
        asked = [row for row in self.attached if row.asked_at]
        return max(asked, key=attrgetter("asked_at"), default=self.first)

    @property
    def attached(self) -> list[TargetEnvironment]:
        """Return the rows of targets that are attached; the others are kept for the runs that used them."""
        return [row for row in self.rows if not row.target.is_detached]

    @property
    def is_going_on(self) -> bool:
        """Return whether the page should look again soon."""
        return any(row.is_going_on for row in self.rows)

    @property
    def lock(self) -> EnvironmentLock | None:
        """Return the lock, where there is one."""
        return self.first.lock

    @cached_property
    def projects(self) -> list[Project]:
        """Return the projects that use it and that the reader may see."""
        visible = Project.objects.visible_to(self.user)
        return list(visible.filter(environments__in=self.rows).distinct().order_by("name"))

    @cached_property
    def runs(self) -> list[Run]:
        """Return the newest runs with it that the reader may see."""
        runs = Run.objects.visible_to(self.user).filter(environment__in=self.rows)
        return list(runs.select_related("project", "target", "created_by").order_by("-created_at")[:RUNS_SHOWN])

    @cached_property
    def cancelable(self) -> frozenset[int]:
        """Return the keys of the rows whose builds the reader may cancel."""
        building = (row for row in self.rows if row.state == TargetEnvironment.State.BUILDING)
        return frozenset(row.pk for row in building if may_change(row, self.user))

    @cached_property
    def offers(self) -> list[Offer]:
        """Return how the reader may have it prepared, again or on another target."""
        return offers_for(self.first, self.user)

    @property
    def offers_elsewhere(self) -> list[Offer]:
        """Return the same for the targets that it is not on."""
        known = {row.target.name for row in self.attached}
        others = [replace(offer, targets=tuple(t for t in offer.targets if t not in known)) for offer in self.offers]
        return [offer for offer in others if offer.targets]

    @cached_property
    def log_text(self) -> str:
        """Return the end of the last build's log."""
        return log_tail(self.built_last)


def environment_page(key: str, user: User | AnonymousUser) -> EnvironmentPage | None:
    """Return an environment, None when there is none that the person may know of."""
    if not isinstance(user, User):
        return None
    rows = TargetEnvironment.objects.visible_to(user).of_key(key)
    found = list(rows.select_related("target", "lock", "requested_by", "canceled_by"))
    return EnvironmentPage(key, found, user) if found else None


def log_tail(row: TargetEnvironment) -> str:
    """Return the last lines of a build's log, as plain text."""
    try:
        with log_of(row.pk).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(max(size - TAIL_BYTES, 0))
            lines = file.read(TAIL_BYTES).decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(plain_line(line) for line in (lines[1:] if size > TAIL_BYTES else lines))


def lock_as(form: str, lock: EnvironmentLock) -> str:
    """Return a lock in one of FORMS. The pixi.lock is made once and kept. Raises PreparationFailed."""
    if form == "lock":
        return lock.text
    if form == "explicit":
        return explicit_text(lock_from_json(lock.text))
    if not lock.pixi_text:
        lock.pixi_text = pixi_lock_text(lock_from_json(lock.text), package_cache())
        lock.save(update_fields=["pixi_text"])
    return lock.pixi_text
