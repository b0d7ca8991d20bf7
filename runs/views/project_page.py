"""A project's page: its latest runs, what its code says, and where it can run."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from projects.aml_config.folder import AmlConfig
from projects.configuration import aml_config_of
from projects.models import Project, Role
from projects.readme import readme_of
from projects.scripts import runnable_scripts
from projects.views.source import import_context
from runs.models import Run
from runs.run_table import RunRow, rows_of
from runs.views.readiness import readiness_of

LATEST = 10


@require_safe
@login_required
def show_project(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the project; asked by htmx, only the rows of its runs."""
    project = get_object_or_404(
        Project.objects.visible_to(request.user).select_related("current_snapshot", "created_by"), slug=slug
    )
    rows, columns = latest_rows(project)
    context = {
        "project": project,
        "rows": rows,
        "columns": columns,
        "has_active": any(not row.run.is_finished for row in rows),
        "may_run": Project.objects.with_role(request.user, Role.RUNNER).filter(pk=project.pk).exists(),
    }
    if request.htmx:  # type: ignore[attr-defined]
        response = render(request, "runs/_project_runs.html", context)
    else:
        response = render(request, "runs/project.html", context | code_context(request, project))
    patch_vary_headers(response, ["HX-Request"])
    return response


def latest_rows(project: Project) -> tuple[tuple[RunRow, ...], tuple[str, ...]]:
    """Return the newest runs of the project that are not archived, with their metrics."""
    newest = Run.objects.filter(project=project, is_archived=False).select_related("project", "target", "created_by")
    return rows_of(list(newest.order_by("-number")[:LATEST]), None)


def code_context(request: HttpRequest, project: Project) -> dict[str, Any]:
    """Return what the page says about the code: files, configuration, readiness, and who may change it."""
    user: Any = request.user
    snapshot = project.current_snapshot
    config = aml_config_of(snapshot) if snapshot else AmlConfig()
    return import_context(project) | {
        "tab": "overview",
        "snapshot": snapshot,
        "config": config,
        "scripts": runnable_scripts(snapshot) if snapshot else [],
        "readme": readme_of(snapshot) if snapshot else None,
        "readiness": readiness_of(user, project, config),
        "members": list(project.memberships.select_related("user")),
        "may_own": Project.objects.with_role(user, Role.OWNER).filter(pk=project.pk).exists(),
    }
