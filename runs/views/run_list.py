"""The lists of runs: of one project, and of the whole team."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from projects.models import Project, Role
from runs.models import Run
from runs.newest_first import runs_newest_first
from runs.run_choices import choices_among
from runs.run_filters import STATE_CHOICES, RunFilters
from runs.run_table import RunTable, table_of
from runs.views.list_controls import chips_of, columns_of, head_of


@require_safe
@login_required
def show_project_runs(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the runs of a project, newest first; asked by htmx, only the rows."""
    project = get_object_or_404(Project.objects.visible_to(request.user), slug=slug)
    return answer_with(request, Run.objects.filter(project=project), project)


@require_safe
@login_required
def show_team_runs(request: HttpRequest) -> HttpResponse:
    """Show the runs of all projects that the person may see."""
    return answer_with(request, runs_newest_first(request.user), None)


def answer_with(request: HttpRequest, runs: Any, project: Project | None) -> HttpResponse:
    """Render the whole page, or the rows alone when htmx asks for news of them."""
    filters = RunFilters.from_query(request.GET)
    table = table_of(runs, filters, request.GET.get("page", "1"), within_project=project is not None)
    context = {
        "project": project,
        "table": table,
        "filters": filters,
        "query": filters.to_query(),
        "rows_address": address_of_rows(request, filters, table),
        "selected": [int(number) for number in request.GET.getlist("runs") if number.isdecimal() and len(number) < 10],
    }
    if not request.htmx:  # type: ignore[attr-defined]
        context |= page_context(request, runs, project, filters, table)
    response = render(request, "runs/_list_rows.html" if request.htmx else "runs/list.html", context)  # type: ignore[attr-defined]
    patch_vary_headers(response, ["HX-Request"])
    return response


def address_of_rows(request: HttpRequest, filters: RunFilters, table: RunTable) -> str:
    """Return where the rows of this very page are asked for again."""
    page = f"page={table.page.number}" if table.page.number > 1 else ""
    return f"{request.path}?{'&'.join(part for part in (filters.to_query(), page) if part)}"


def page_context(
    request: HttpRequest, runs: Any, project: Project | None, filters: RunFilters, table: RunTable
) -> dict[str, Any]:
    """Return what the page shows around the rows."""
    choices = choices_among(runs)
    may_run = Project.objects.with_role(request.user, Role.RUNNER)
    return {
        "choices": choices,
        "states": STATE_CHOICES,
        "chips": chips_of(filters),
        "head": head_of(filters, table.columns, within_project=project is not None),
        "metric_columns": columns_of(choices.metrics, table.columns),
        "tab": "runs",
        "may_run": project is not None and may_run.filter(pk=project.pk).exists(),
    }
