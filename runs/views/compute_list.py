"""The list of targets: where scripts can run, and whether there is room."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from computes.views.finding import person_of
from runs.target_rows import target_rows_for


@require_safe
@login_required
def show_computes(request: HttpRequest) -> HttpResponse:
    """Show the targets that the person may see; asked by htmx, only the rows."""
    rows = target_rows_for(person_of(request))
    is_update = request.headers.get("HX-Request") == "true"
    context = {"rows": rows, "is_lively": any(row.slots.used for row in rows)}
    response = render(request, "computes/_list_rows.html" if is_update else "computes/list.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
