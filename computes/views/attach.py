"""The pages that attach, edit and rename a target."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from computes.attaching import attach_target, edit_target, runs_are_on
from computes.compute_file_start import initial_of_file, kind_of_file
from computes.forms.by_kind import form_class_for
from computes.forms.stored_facts import initial_of
from computes.forms.switch_forms import RenameForm
from computes.kind_choices import kind_choices, kind_refusal
from computes.models import ComputeTarget
from computes.refusals import TargetRefused
from computes.renaming import rename_target
from computes.trust import trust_statement_of
from computes.views.finding import find_administered, person_of
from projects.aml_config.compute_file import ComputeFile
from projects.configuration import aml_config_of
from projects.models import Project


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def compute_new(request: HttpRequest) -> HttpResponse:
    """Attach a target of the kind that the address names, or the one that a project's file describes
    (`?project=SLUG&file=NAME`): administrators only."""
    person = person_of(request)
    if not person.is_superuser:
        raise Http404
    file = _file_of(request, person)
    choices = {choice.value: choice for choice in kind_choices()}
    default = kind_of_file(file) if file else ComputeTarget.Kind.LOCAL
    chosen = choices.get(request.GET.get("kind", default))
    if chosen is None:
        raise Http404
    trust = trust_statement_of(chosen.value)
    context = {
        "kinds": choices.values(),
        "chosen": chosen,
        "trust": trust,
        "file": file,
        "place": request.GET.urlencode(),
        "of_file": urlencode({name: request.GET.get(name, "") for name in ("project", "file")}),
    }
    if chosen.refusal:
        return render(request, "computes/new.html", context, status=422 if request.method == "POST" else 200)
    form = form_class_for(chosen.value)(*_sent(request), initial=initial_of_file(file) if file else {}, is_new=True)
    if request.method == "POST" and form.is_valid():
        try:
            target = attach_target(person, form.cleaned_data["name"], chosen.value, form.wishes())
        except TargetRefused as refusal:
            form.take_refusal(refusal)
        else:
            messages.success(request, _attached(target))
            return redirect(target)
    if form.errors:
        form.ask_for_secrets_again()
    return render(request, "computes/new.html", {**context, "form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def compute_edit(request: HttpRequest, name: str) -> HttpResponse:
    """Change a target's facts and credentials."""
    person, target = find_administered(request, name)
    if refusal_of_kind := kind_refusal(target.kind):
        messages.error(request, refusal_of_kind)
        return redirect(target)
    form = form_class_for(target.kind)(*_sent(request), initial=initial_of(target), is_new=False)
    if request.method == "POST" and form.is_valid():
        try:
            changed = edit_target(target, person, form.wishes())
        except TargetRefused as refusal:
            form.take_refusal(refusal)
        else:
            messages.success(request, "Saved; the target is being checked." if changed else "Nothing was changed.")
            return redirect(target)
    if form.errors:
        form.ask_for_secrets_again()
    context = {"form": form, "target": target, "is_frozen": runs_are_on(target)}
    return render(request, "computes/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def compute_rename(request: HttpRequest, name: str) -> HttpResponse:
    """Say what renaming a target means, and do it."""
    person, target = find_administered(request, name)
    form = RenameForm(request.POST if request.method == "POST" else None, initial={"name": target.name})
    if request.method == "POST" and form.is_valid():
        try:
            rename_target(target, person, form.cleaned_data["name"])
        except TargetRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"{name} is called {target.name} now.")
            return redirect(target)
    return render(request, "computes/rename.html", {"target": target, "form": form}, status=422 if form.errors else 200)


def _sent(request: HttpRequest) -> tuple[Any, Any]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _file_of(request: HttpRequest, person: User) -> ComputeFile | None:
    """Return the file that the address names, None when it names none. Raises Http404 for one that is not there."""
    slug, name = request.GET.get("project", ""), request.GET.get("file", "")
    if not slug:
        return None
    project = Project.objects.visible_to(person).select_related("current_snapshot").filter(slug=slug).first()
    if project is None or project.current_snapshot is None:
        raise Http404
    file = aml_config_of(project.current_snapshot).computes.get(name)
    if file is None:
        raise Http404
    return file


def _attached(target: ComputeTarget) -> str:
    if target.is_over_ssh:
        return f"{target.name} is attached. Approve its host key, so that it can be checked."
    return f"{target.name} is attached and being checked."
