"""New code for a project: another archive, the repository or the folder again; and how an import goes."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from projects.errors import SourceRefused
from projects.forms.source import ArchiveForm, GitForm
from projects.models import Project, Role
from projects.source_imports import is_stale, retry_import
from projects.sources import replace_from_archive, replace_from_folder, replace_from_git
from projects.views.finding import find_project, rights_in


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@sensitive_post_parameters("credential")
def show_source(request: HttpRequest, slug: str) -> HttpResponse:
    """Show where the code comes from; POST takes new code. Only people who may run find this page."""
    project = find_project(request, slug, Role.RUNNER)
    deed = request.POST.get("deed", "") if request.method == "POST" else ""
    form = form_of(deed, project, request)
    if deed and form.is_valid():
        try:
            messages.success(request, bring_code(deed, project, request.user, form))
            return redirect("project_source", project.slug)
        except SourceRefused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    context = {
        "archive_form": form if deed == "archive" else ArchiveForm(),
        "git_form": form if deed == "git" else form_of("git", project, None),
        "folder_form": form if deed in ("folder", "retry") else forms.Form(),
        "tab": "source",
    }
    context |= import_context(project) | rights_in(request, project)
    return render(request, "projects/source.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def show_import(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how the newest import goes: a part of a page that htmx asks for again while it goes on."""
    project = find_project(request, slug)
    context = import_context(project)
    if context["source_import"] is None:
        raise Http404
    return render(request, "projects/_import.html", context | rights_in(request, project))


def import_context(project: Project) -> dict[str, Any]:
    """Return the newest import and whether it has stopped without an end."""
    newest = project.imports.first()
    return {"source_import": newest, "import_is_stale": newest is not None and is_stale(newest)}


def form_of(deed: str, project: Project, request: HttpRequest | None) -> forms.Form:
    """Return the form of a deed, filled with what was sent, or with what is known already."""
    sent = (request.POST, request.FILES) if request is not None and deed else (None, None)
    if deed == "archive":
        return ArchiveForm(*sent)
    if deed == "git":
        return GitForm(*sent, initial={"location": project.source_location, "reference": project.source_reference})
    return forms.Form(*sent)


def bring_code(deed: str, project: Project, user: Any, form: Any) -> str:
    """Do what was asked for and say what was done. Raises SourceRefused."""
    if deed == "archive":
        replace_from_archive(project, user, form.cleaned_data["archive"].file)
    elif deed == "git":
        replace_from_git(project, user, form.full_location(), form.cleaned_data["reference"])
        return "The import has started. You may leave this page."
    elif deed == "folder" and project.source == Project.Source.FOLDER:
        replace_from_folder(project, user, project.source_location)
    elif deed == "retry" and (newest := project.imports.first()) is not None:
        retry_import(newest, user)
        return "The import has started again."
    else:
        raise SourceRefused("", "There is nothing of that kind to do here.", "Open the page again.")
    return "The project has new code. The next run uses it."
