"""The submit page: a filled-in form, its checks, and a run."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from projects.models import Project, Role
from runs.forms.submission import SubmissionForm
from runs.forms.variables import EMPTY_ROWS, PREFIX, VariableRows, as_typed, empty_or_filled
from runs.submission import SubmissionRefused, submit_run
from runs.views.submit_page import SubmitPage, preview_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@sensitive_post_parameters()
def show_submit_form(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the form, or queue a run and lead to its page. Only people who may run find this page."""
    project = get_object_or_404(Project.objects.with_role(request.user, Role.RUNNER), slug=slug)
    page = SubmitPage.of(request, project)
    if request.method == "POST":
        return show_part(request, page) if request.POST.get("part") else take_form(request, page)
    form = SubmissionForm(scripts=page.scripts, likely=page.likely, initial=page.start.fields)
    rows = empty_or_filled(page.start.variables, page.start.secret_names)
    return render(request, "runs/submit.html", page.context(form, rows))


def take_form(request: HttpRequest, page: SubmitPage) -> HttpResponse:
    """Queue the run, or show the form again with every finding beside its field and nothing lost."""
    form = SubmissionForm(request.POST, scripts=page.scripts, likely=page.likely)
    rows = VariableRows(request.POST, prefix=PREFIX)
    if form.is_valid() & rows.is_valid():
        try:
            return redirect(submit_run(page.user, page.project, form.submission_with(rows, page.parent, page.snapshot)))
        except SubmissionRefused as refusal:
            form.take_errors(refusal.errors)
    return render(request, "runs/submit.html", page.context(form, rows), status=422)


def show_part(request: HttpRequest, page: SubmitPage) -> HttpResponse:
    """Show the form with more rows, or the list of arguments; what was typed stays and is not judged yet."""
    preview = preview_of(request.POST.get("arguments", ""))
    if request.htmx and request.POST["part"] == "arguments":  # type: ignore[attr-defined]
        return render(request, "runs/_submit_arguments.html", preview)
    form = SubmissionForm(initial=request.POST.dict(), scripts=page.scripts, likely=page.likely)
    rows = as_typed(request.POST, EMPTY_ROWS if request.POST["part"] == "variables" else 0)
    return render(request, "runs/submit.html", page.context(form, rows) | preview)
