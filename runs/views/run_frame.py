"""What all pages of one run have in common: finding it, its head, its tabs, and what the reader may do with it."""

import uuid
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Max
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from projects.models import Project, Role
from runs.models import Run
from runs.presentation import RunStatus, status_of

RELATED = ("project", "target", "created_by", "cancel_requested_by", "snapshot", "parent", "environment")


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab. `count` is shown beside its label when it is not 0."""

    label: str
    icon: str
    href: str
    is_current: bool
    count: int = 0


@dataclass(frozen=True, slots=True)
class RunPage:
    """The frame of a page: the run, its state, its tabs, and the reader's rights."""

    run: Run
    status: RunStatus
    tabs: list[Tab]
    tags: list[str]
    can_run: bool
    is_owner: bool
    newest_metric: int
    log_size: int
    socket: str
    idempotency_key: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def status_address(self) -> str:
        """Return where the head of the page can be had alone."""
        return reverse("run_status", args=[self.run.project.slug, self.run.number])

    @property
    def is_active(self) -> bool:
        """Return whether the run can still change."""
        return not self.run.is_finished

    @property
    def grace_seconds(self) -> int:
        """Return how long a script has between being asked to end and being killed."""
        return int(settings.GRACE_SECONDS)


def find_run(request: HttpRequest, slug: str, number: int, role: Role = Role.VIEWER) -> Run:
    """Return a run of a project in which the person has a role; for everybody else there is no such run (404)."""
    runs = Run.objects.filter(project__in=Project.objects.with_role(request.user, role))
    run: Run = get_object_or_404(runs.select_related(*RELATED), project__slug=slug, number=number)
    return run


def tabs_of(run: Run, current: str) -> list[Tab]:
    """Return the tabs of a run; `current` is the URL name of the one that is shown."""
    kinds = (
        ("run", "Log", "terminal-2", 0),
        ("run_metrics", "Metrics", "chart-line", run.latest_metrics.count()),
        ("run_outputs", "Outputs", "folder", run.outputs.filter(skipped="").count()),
        ("run_code", "Code", "code", 0),
        ("run_configuration", "Configuration", "adjustments", 0),
        ("run_environment", "Environment", "package", 0),
        ("run_events", "Events", "history", 0),
    )
    place = [run.project.slug, run.number]
    return [Tab(label, icon, reverse(name, args=place), name == current, count) for name, label, icon, count in kinds]


def file_size(run: Run) -> int:
    """Return the present size of the server's log in bytes."""
    try:
        return (run.folder / "log").stat().st_size
    except FileNotFoundError:
        return 0


def page_of(run: Run, user: User | AnonymousUser, current: str) -> RunPage:
    """Return the frame of one of a run's pages, as one person sees it."""
    project = Project.objects.filter(pk=run.project_id)
    return RunPage(
        run=run,
        status=status_of(run, user=user),
        tabs=tabs_of(run, current),
        tags=list(run.tags.values_list("name", flat=True)),
        can_run=project.filter(pk__in=Project.objects.with_role(user, Role.RUNNER)).exists(),
        is_owner=project.filter(pk__in=Project.objects.with_role(user, Role.OWNER)).exists(),
        newest_metric=run.metric_points.aggregate(newest=Max("id"))["newest"] or 0,
        log_size=file_size(run),
        socket=f"/ws/projects/{run.project.slug}/runs/{run.number}/",
    )
