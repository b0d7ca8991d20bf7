"""The comparison of two or more runs of one project."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from projects.models import Project
from runs.compared_metrics import curves_of
from runs.comparison import changed_files, compare
from runs.models import Run

MOST_RUNS = 10


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One column of the comparison. The queries make it the base, or take it away (empty when two are left)."""

    run: Run
    is_base: bool
    base_query: str
    without_query: str
    changed_files: list[str]


@require_safe
@login_required
def show_comparison(request: HttpRequest, slug: str) -> HttpResponse:
    """Show where runs differ; without two runs, how to choose them."""
    project = get_object_or_404(Project.objects.visible_to(request.user), slug=slug)
    numbers = numbers_in(request.GET)
    found = Run.objects.filter(project=project, number__in=numbers).select_related(
        "project", "target", "created_by", "snapshot"
    )
    runs = sorted(found, key=lambda run: numbers.index(run.number))
    context = {
        "project": project,
        "columns": columns_of(runs),
        "sections": compare(runs) if len(runs) > 1 else [],
        "missing": [number for number in numbers if number not in {run.number for run in runs}],
        "curves": curves_of(runs) if len(runs) > 1 else {},
    }
    return render(request, "runs/compare.html", context)


def numbers_in(query: QueryDict) -> list[int]:
    """Return the numbers of the runs, the base first: `?runs=14,12` and `?runs=14&runs=12`, with `&base=12`."""
    words = ",".join([*query.getlist("base")[:1], *query.getlist("runs")]).split(",")
    named = dict.fromkeys(int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 10)
    return list(named)[:MOST_RUNS]


def columns_of(runs: Sequence[Run]) -> list[ComparedRun]:
    """Return a column for each run."""
    numbers = [run.number for run in runs]
    return [
        ComparedRun(
            run,
            is_base=place == 0,
            base_query=query_of([run.number, *(number for number in numbers if number != run.number)]),
            without_query=query_of([number for number in numbers if number != run.number]) if len(runs) > 2 else "",
            changed_files=changed_files(runs[0].snapshot, run.snapshot) if place else [],
        )
        for place, run in enumerate(runs)
    ]


def query_of(numbers: Sequence[int]) -> str:
    """Return the parameter that compares these runs; the first is the base."""
    return f"runs={','.join(map(str, numbers))}"
