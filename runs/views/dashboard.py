"""The first page: what runs now, what failed lately, the targets, one's projects, and the first step for newcomers."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from computes.models import ComputeTarget
from projects.templates import TEMPLATES
from runs import team_overview
from runs.models import Run
from runs.team_overview import TargetLoad


@require_safe
@login_required
def show_dashboard(request: HttpRequest) -> HttpResponse:
    """Show the team at a glance; asked by htmx, only the part that moves."""
    user: Any = request.user
    loads = team_overview.target_loads(user)
    context = {
        "active": team_overview.active_runs(user),
        "failures": team_overview.recent_failures(user),
        "latest": team_overview.latest_runs(user),
        "loads": loads,
        "projects": team_overview.own_projects(user),
    }
    if request.htmx:  # type: ignore[attr-defined]
        response = render(request, "runs/_dashboard_live.html", context)
    else:
        first_steps = {"first_run": first_run_for(user), "first_target": first_target_for(user, loads)}
        response = render(request, "runs/dashboard.html", context | first_steps)
    patch_vary_headers(response, ["HX-Request"])
    return response


def first_target_for(user: Any, loads: list[TargetLoad]) -> dict[str, Any] | None:
    """Return the target that an administrator should turn on first; None when one is on, or for other people.

    Its `target` is None when there is no target at all.
    """
    targets = [load.target for load in loads]
    if not user.is_superuser or any(target.is_on for target in targets):
        return None
    return {"target": min(targets, key=lambda target: target.kind != ComputeTarget.Kind.LOCAL, default=None)}


def first_run_for(user: Any) -> dict[str, Any] | None:
    """Return what the button of the first run submits; None when the person has run something or there is no sample."""
    if Run.objects.filter(created_by=user).exists():
        return None
    project = team_overview.sample_project(user)
    target = ComputeTarget.objects.usable_by(user, project).filter(kind="local").first() if project else None
    if project is None or target is None:
        return None
    return {"project": project, "target": target, "script": TEMPLATES["iris"].first_script, "key": uuid.uuid4()}
