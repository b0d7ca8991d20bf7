"""The files of a project: folders, one file, its editor."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from projects.editing import MAXIMUM_EDITED_BYTES, delete_file, replace_file
from projects.errors import EditConflict, FileNotInSnapshot, SourceRefused
from projects.file_tree import items_of, parents_of
from projects.forms.file_text import FileTextForm, NewFileForm
from projects.models import Project, Role
from projects.snapshots import entry_of, manifest_of_snapshot, read_file
from projects.views.finding import find_project, rights_in
from projects.views.shown_file import shown_file


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def show_files(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the top folder, `?folder=` another one; `?new=1` makes a file there."""
    project = find_project(request, slug, Role.RUNNER if request.method == "POST" else Role.VIEWER)
    if request.method == "POST":
        return save(request, project, NewFileForm(request.POST))
    folder = request.GET.get("folder", "").strip("/")
    if "new" in request.GET:
        find_project(request, slug, Role.RUNNER)
        start = {"path": f"{folder}/" if folder else "", "based_on": project.current_snapshot_id}
        return render_editor(request, project, NewFileForm(initial=start))
    items = items_of(manifest_of_snapshot(project.current_snapshot), folder) if project.current_snapshot else []
    if folder and not items:
        raise Http404
    context = {"items": items, "folder": folder, "parents": parents_of(folder), "tab": "files"}
    return render(request, "projects/files.html", context | rights_in(request, project))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def show_file(request: HttpRequest, slug: str, path: str) -> HttpResponse:
    """Show a file as text, `?edit=1` its editor; POST saves the text, or deletes the file."""
    project = find_project(request, slug, Role.RUNNER if request.method == "POST" else Role.VIEWER)
    if request.method == "POST":
        is_delete = request.POST.get("deed") == "delete"
        return delete(request, project, path) if is_delete else save(request, project, FileTextForm(request.POST), path)
    try:
        file = shown_file(project, path)
    except FileNotInSnapshot as error:
        raise Http404 from error
    if "edit" in request.GET and file.can_be_edited:
        find_project(request, slug, Role.RUNNER)
        return edit(request, project, path)
    context = {"file": file, "parents": parents_of(path), "tab": "files"}
    return render(request, "projects/file.html", context | rights_in(request, project))


def edit(request: HttpRequest, project: Project, path: str) -> HttpResponse:
    """Show the editor with the file as it is now."""
    snapshot: Any = project.current_snapshot
    text = read_file(snapshot, path, MAXIMUM_EDITED_BYTES).decode()
    return render_editor(request, project, FileTextForm(initial={"text": text, "based_on": snapshot.pk}), path)


def save(request: HttpRequest, project: Project, form: FileTextForm, path: str = "") -> HttpResponse:
    """Save a text as the project's file. A conflict is said above the text, which stays as it was typed."""
    user: Any = request.user
    conflict = False
    if form.is_valid():
        path = path or form.cleaned_data["path"]
        seen = project.snapshots.filter(pk=form.cleaned_data["based_on"] or 0).first()
        try:
            if isinstance(form, NewFileForm):
                refuse_existing(project, path)
            replace_file(project, user, path, form.cleaned_data["text"], based_on=seen)
        except SourceRefused as refusal:
            conflict = isinstance(refusal, EditConflict)
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, f"{path} was saved. The next run uses it.")
            return redirect("project_file", project.slug, path)
    where = "" if isinstance(form, NewFileForm) else path
    return render_editor(request, project, form, where, conflict=conflict, status=409 if conflict else 422)


def refuse_existing(project: Project, path: str) -> None:
    """Raise SourceRefused when a new file would replace one that is there."""
    try:
        if project.current_snapshot is not None:
            entry_of(project.current_snapshot, path)
            raise SourceRefused(
                "path", f"There is a file {path} already.", "Open it to edit it, or choose another name."
            )
    except FileNotInSnapshot:
        return


def delete(request: HttpRequest, project: Project, path: str) -> HttpResponse:
    """Take a file out of the project; earlier snapshots keep it."""
    user: Any = request.user
    try:
        delete_file(project, user, path)
    except SourceRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("project_file", project.slug, path)
    messages.success(request, f"{path} was taken out of the project. Earlier runs keep it.")
    return redirect("project_files", project.slug)


def render_editor(
    request: HttpRequest,
    project: Project,
    form: FileTextForm,
    path: str = "",
    conflict: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Render the editor of a file, of a new one when there is no path."""
    context = {"form": form, "path": path, "parents": parents_of(path), "conflict": conflict, "tab": "files"}
    return render(request, "projects/file_edit.html", context | rights_in(request, project), status=status)
