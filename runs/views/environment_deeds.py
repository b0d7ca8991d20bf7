"""What people do with environments: prepare one ahead of runs, cancel a build."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from computes.models import TargetEnvironment
from computes.views.finding import person_of
from projects.models import Role
from projects.views.finding import find_project
from runs.environment_preparation import cancel_preparation, prepare_environment, prepare_for_run
from runs.submission import SubmissionForbidden, SubmissionRefused
from runs.views.environment_pages import find_environment
from runs.views.run_frame import find_run


@require_POST
@login_required
def prepare(request: HttpRequest, slug: str) -> HttpResponse:
    """Build what a project's code needs on a target, and lead to the page where that can be watched."""
    project = find_project(request, slug, Role.RUNNER)
    names = request.POST.get("target", ""), request.POST.get("run_configuration", "")
    try:
        environment = prepare_environment(person_of(request), project, *names)
    except SubmissionRefused as refusal:
        say(request, refusal)
        return redirect(project)
    return redirect(environment)


@require_POST
@login_required
def prepare_run(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Build what a run needs on its target, and lead to the page where that can be watched."""
    run = find_run(request, slug, number, Role.RUNNER)
    try:
        return redirect(prepare_for_run(person_of(request), run))
    except SubmissionRefused as refusal:
        say(request, refusal)
        return redirect("run_environment", slug, number)


def say(request: HttpRequest, refusal: SubmissionRefused) -> None:
    """Show on the next page why something was refused."""
    for texts in refusal.errors.values():
        for text in texts:
            messages.error(request, text)


@require_POST
@login_required
def cancel_environment(request: HttpRequest, key: str, environment_id: int) -> HttpResponse:
    """Cancel the build of an environment on one target."""
    page = find_environment(request, key)
    row = get_object_or_404(TargetEnvironment.objects.visible_to(request.user).of_key(page.key), pk=environment_id)
    try:
        if not cancel_preparation(row, person_of(request)):
            messages.info(request, "The build had ended already, or somebody had canceled it before.")
    except SubmissionForbidden as refusal:
        raise Http404(str(refusal)) from refusal
    return redirect(row)
