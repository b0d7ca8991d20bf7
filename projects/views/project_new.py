"""Making a project: from an archive, a git repository, a folder of the server or a template."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from projects.errors import SourceRefused
from projects.forms.source import NewArchiveForm, NewFolderForm, NewGitForm, NewTemplateForm
from projects.models import Project
from projects.sources import create_from_archive, create_from_folder, create_from_git, create_from_template
from projects.templates import TEMPLATES


@dataclass(frozen=True, slots=True)
class Origin:
    """One way to bring code: what it is called, its form, and the verb that makes the project."""

    name: str
    title: str
    sentence: str
    icon: str
    form: type[forms.Form]
    create: Callable[[Any, Any], Project]


def words_of(form: Any) -> tuple[str, str]:
    """Return name and description."""
    return form.cleaned_data["name"], form.cleaned_data["description"]


def from_archive(user: Any, form: Any) -> Project:
    """Make a project of the uploaded archive."""
    name, description = words_of(form)
    return create_from_archive(user, name, form.cleaned_data["archive"].file, description)


def from_git(user: Any, form: Any) -> Project:
    """Make a project and start its import."""
    name, description = words_of(form)
    return create_from_git(user, name, form.full_location(), form.cleaned_data["reference"], description)


def from_folder(user: Any, form: Any) -> Project:
    """Make a project of a folder of the server."""
    name, description = words_of(form)
    return create_from_folder(user, name, form.cleaned_data["folder"], description)


def from_template(user: Any, form: Any) -> Project:
    """Make a project of a template."""
    name, description = words_of(form)
    return create_from_template(user, name, form.cleaned_data["template"], description)


ORIGINS = {
    origin.name: origin
    for origin in (
        Origin("upload", "Upload", "A .zip or .tar.gz of a folder", "upload", NewArchiveForm, from_archive),
        Origin("git", "Git repository", "By address, branch or tag", "brand-git", NewGitForm, from_git),
        Origin("folder", "Folder on the server", "Below the allowed roots", "server", NewFolderForm, from_folder),
        Origin("template", "Template", "A sample or a blank start", "sparkles", NewTemplateForm, from_template),
    )
}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@sensitive_post_parameters("credential")
def make_project(request: HttpRequest) -> HttpResponse:
    """Show the form of the way that `?from=` names; POST makes the project and leads to its page."""
    offered = [origin for origin in ORIGINS.values() if origin.name != "folder" or settings.SOURCE_ROOTS]
    origin = next((each for each in offered if each.name == request.GET.get("from")), offered[0])
    form = origin.form(request.POST, request.FILES) if request.method == "POST" else origin.form()
    form.order_fields(["name", "description"])
    if form.is_bound and form.is_valid():
        try:
            return redirect(origin.create(request.user, form))
        except SourceRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {
        "form": form,
        "origin": origin.name,
        "origins": offered,
        "templates": list(TEMPLATES.values()),
        "may_allow_folders": request.user.is_superuser and not settings.SOURCE_ROOTS,
    }
    return render(request, "projects/new.html", context, status=422 if form.errors else 200)
