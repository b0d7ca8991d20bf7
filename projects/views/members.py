"""The members of a project."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from projects.errors import SourceRefused
from projects.forms.members import MemberForm
from projects.members import add_member, change_role, remove_member
from projects.models import Project, Role
from projects.models.membership import ROLE_MEANINGS
from projects.views.finding import find_project, rights_in


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def show_members(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who belongs to the project. Its owners add, change and remove people; everybody may leave."""
    if request.method != "POST":
        return render_members(request, find_project(request, slug), MemberForm())
    deed = request.POST.get("deed", "")
    leaves = deed == "remove" and request.POST.get("username") == request.user.get_username()
    project = find_project(request, slug, Role.VIEWER if leaves else Role.OWNER)
    return add(request, project) if deed == "add" else change(request, project, deed)


def add(request: HttpRequest, project: Project) -> HttpResponse:
    """Add a person, or show beside the field why not."""
    user: Any = request.user
    form = MemberForm(request.POST)
    if form.is_valid():
        try:
            member = add_member(project, form.cleaned_data["username"], form.cleaned_data["role"], by=user)
        except SourceRefused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, f"{member.user} was added as {member.get_role_display().lower()}.")
            return redirect("project_members", project.slug)
    return render_members(request, project, form, status=422)


def change(request: HttpRequest, project: Project, deed: str) -> HttpResponse:
    """Give a member another role, or take him out."""
    user: Any = request.user
    member = get_object_or_404(User, memberships__project=project, username=request.POST.get("username", ""))
    try:
        if deed == "remove":
            remove_member(project, member, by=user)
            messages.success(request, f"{member} is no member any more.")
        else:
            changed = change_role(project, member, request.POST.get("role", ""), by=user)
            messages.success(request, f"{member} is {changed.get_role_display().lower()} now.")
    except SourceRefused as refusal:
        messages.error(request, str(refusal))
    still_visible = Project.objects.visible_to(user).filter(pk=project.pk).exists()
    return redirect("project_members", project.slug) if still_visible else redirect("projects")


def render_members(request: HttpRequest, project: Project, form: MemberForm, status: int = 200) -> HttpResponse:
    """Render the page."""
    context = {
        "members": project.memberships.select_related("user"),
        "form": form,
        "roles": [(role.value, role.label, ROLE_MEANINGS[role]) for role in Role],
        "tab": "members",
    }
    return render(request, "projects/members.html", context | rights_in(request, project), status=status)
