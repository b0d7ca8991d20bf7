"""Finding the project of an address for the person who asks. Unknown and forbidden are the same 404."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from projects.models import Project, Role


def find_project(request: HttpRequest, slug: str, role: Role = Role.VIEWER) -> Project:
    """Return the project in which the person has at least a role. Raises Http404."""
    projects = Project.objects.with_role(request.user, role).select_related("current_snapshot")
    project: Project = get_object_or_404(projects, slug=slug)
    return project


def rights_in(request: HttpRequest, project: Project) -> dict[str, Any]:
    """Return what the tabs and buttons of a project's pages need to know."""
    roles = {
        role: Project.objects.with_role(request.user, role).filter(pk=project.pk).exists()
        for role in (Role.RUNNER, Role.OWNER)
    }
    return {"project": project, "may_run": roles[Role.RUNNER], "may_own": roles[Role.OWNER]}
