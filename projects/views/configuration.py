"""The editor of a project's aml_config: targets and run configurations by form or as text."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from projects.aml_config.editing import apply_line_change, edit_text
from projects.aml_config.folder import AmlConfig
from projects.aml_config.problems import AmlConfigError
from projects.configuration import aml_config_of
from projects.editing import replace_file
from projects.errors import FileNotInSnapshot, SourceRefused
from projects.forms.key_fields import KeyForm
from projects.forms.new_configuration import NewConfigurationForm
from projects.models import Project, Role
from projects.snapshots import manifest_of_snapshot
from projects.views.configuration_file import ConfigurationFile, configuration_file
from projects.views.files import refuse_existing
from projects.views.finding import find_project, rights_in

FOLDER = "aml_config/"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def show_configuration(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the files of aml_config with their problems; POST adds a file, or makes the change that a problem offers."""
    project = find_project(request, slug, Role.RUNNER if request.method == "POST" else Role.VIEWER)
    if request.method == "POST" and "line" in request.POST:
        return mend(request, project)
    form = NewConfigurationForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and add_file(request, project, form):
        return redirect("project_config_file", project.slug, form.path().removeprefix(FOLDER))
    snapshot = project.current_snapshot
    paths = [entry.path for entry in manifest_of_snapshot(snapshot)] if snapshot else []
    files = [path.removeprefix(FOLDER) for path in paths if path.startswith(FOLDER)]
    config = aml_config_of(snapshot) if snapshot else AmlConfig()
    context = {"config": config, "form": form, "files": files, "tab": "configuration"} | rights_in(request, project)
    return render(request, "projects/configuration.html", context, status=422 if form.errors else 200)


def add_file(request: HttpRequest, project: Project, form: NewConfigurationForm) -> bool:
    """Save a new file; False when it could not be done, the reason is then on the form."""
    user: Any = request.user
    try:
        refuse_existing(project, form.path())
        replace_file(project, user, form.path(), form.text())
    except SourceRefused as refusal:
        form.add_error("name", str(refusal))
    return not form.errors


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def show_configuration_file(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Show one target or run configuration as a form; POST changes single keys and leaves all else as it was."""
    project = find_project(request, slug, Role.RUNNER if request.method == "POST" else Role.VIEWER)
    try:
        file = configuration_file(project, FOLDER + name)
    except FileNotInSnapshot as error:
        raise Http404 from error
    if file.table is None:
        return redirect("project_file", project.slug, file.path)
    form = KeyForm(file.table, file.given, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and save_keys(request, project, file, form):
        return redirect("project_config_file", project.slug, name)
    based_on = request.POST.get("based_on", project.current_snapshot_id)
    context = {"file": file, "form": form, "name": name, "based_on": based_on, "tab": "configuration"}
    status = 422 if form.errors else 200
    return render(request, "projects/configuration_file.html", context | rights_in(request, project), status=status)


def save_keys(request: HttpRequest, project: Project, file: ConfigurationFile, form: KeyForm) -> bool:
    """Save the changed keys; False when it could not be done, the reason is then on the form."""
    user: Any = request.user
    based_on = request.POST.get("based_on", "")
    seen = project.snapshots.filter(pk=based_on).first() if based_on.isdecimal() and len(based_on) < 16 else None
    try:
        changes = form.changes()
        if changes:
            replace_file(project, user, file.path, edit_text(file.text, changes), based_on=seen)
    except AmlConfigError as error:
        form.add_error(None, f"{error.problem.text} {error.problem.remedy}")
        return False
    except SourceRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    changed = ", ".join(changes)
    messages.success(request, f"Saved: {changed}. The next run uses it." if changed else "Nothing was changed.")
    return True


def mend(request: HttpRequest, project: Project) -> HttpResponse:
    """Make the change of one line that a problem offers."""
    user: Any = request.user
    place = (request.POST.get("file", ""), request.POST.get("line", ""))
    config = aml_config_of(project.current_snapshot) if project.current_snapshot else AmlConfig()
    offered = next(
        (each for each in config.problems if each.change and (each.file, str(each.change.line)) == place), None
    )
    try:
        if offered is None or offered.change is None:
            raise SourceRefused("", "This problem is not there any more.", "Look at the list again.")
        file = configuration_file(project, offered.file)
        replace_file(project, user, file.path, apply_line_change(file.text, offered.change))
        messages.success(request, f"Changed line {offered.change.line} of {offered.file}.")
    except (AmlConfigError, SourceRefused, FileNotInSnapshot) as error:
        messages.error(request, str(error))
    return redirect("project_config", project.slug)
