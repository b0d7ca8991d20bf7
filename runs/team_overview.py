"""What goes on in the projects that a person may see: the questions of the dashboard, each one query."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone

from computes.models import ComputeTarget
from projects.models import Project, Role
from runs.models import Run
from runs.newest_first import runs_newest_first
from runs.slot_use import SlotUse
from runs.status import ACTIVE, ON_TARGET, State
from runs.target_rows import slots_in_use

LATEST = 8
MOST_ACTIVE = 20
LATELY = timedelta(days=7)
WITH_NAMES = ("project", "target", "created_by")


@dataclass(frozen=True, slots=True)
class TargetLoad:
    """How full a target is, and how many runs wait for a slot of it."""

    target: ComputeTarget
    slots: SlotUse
    waiting: int


def active_runs(user: User) -> list[Run]:
    """Return what runs, then what waits, the newest first; at most twenty."""
    runs = Run.objects.visible_to(user).active().select_related(*WITH_NAMES)
    return sorted(runs.order_by("-created_at")[:MOST_ACTIVE], key=lambda run: run.state not in ON_TARGET)


def recent_failures(user: User) -> list[Run]:
    """Return what failed in the last seven days."""
    since = timezone.now() - LATELY
    failed = Run.objects.visible_to(user).filter(state=State.FAILED, finished_at__gt=since, is_archived=False)
    return list(failed.select_related(*WITH_NAMES).order_by("-created_at")[:5])


def latest_runs(user: User) -> list[Run]:
    """Return the newest runs that have ended."""
    ended = runs_newest_first(user).exclude(state__in=ACTIVE).filter(is_archived=False)
    return list(ended.select_related(*WITH_NAMES).order_by("-created_at")[:LATEST])


def target_loads(user: User) -> list[TargetLoad]:
    """Return the targets that the person sees, with how full they are."""
    used = slots_in_use()
    waits = Run.objects.filter(state=State.QUEUED, admitted_at=None)
    waiting = dict(waits.order_by().values_list("target").annotate(Count("pk")))
    return [
        TargetLoad(target, SlotUse(used.get(target.pk, 0), target.slots), waiting.get(target.pk, 0))
        for target in ComputeTarget.objects.visible_to(user)
    ]


def own_projects(user: User) -> list[Project]:
    """Return the projects of the person, the ones with the newest runs first."""
    mine = Q(memberships__user=user) | Q(created_by=user)
    newest = Run.objects.filter(project=OuterRef("pk")).order_by("-number").values("created_at")[:1]
    projects: Any = Project.objects.visible_to(user).filter(mine).annotate(last_run_at=Subquery(newest)).distinct()
    return sorted(projects[:200], key=lambda project: project.last_run_at or project.created_at, reverse=True)[:8]


def sample_project(user: User) -> Project | None:
    """Return the project made from the Iris template, if the person may run it and it has code."""
    found: Project | None = (
        Project.objects.with_role(user, Role.RUNNER)
        .filter(source=Project.Source.TEMPLATE, source_location="iris", current_snapshot__isnull=False)
        .first()
    )
    return found
