"""What was asked for, what it ran with, and what happened: configuration, environment, events."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runs.configuration_page import asked_files, command_line, variables_of
from runs.environment_page import environment_page
from runs.environment_preparation import can_be_prepared_for
from runs.run_configuration import RunConfiguration
from runs.serving import LOG_FILES
from runs.spark_page import spark_part_of
from runs.views.run_frame import find_run, page_of


@require_safe
@login_required
def show_configuration(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show exactly what was asked for."""
    run = find_run(request, slug, number)
    asked = RunConfiguration.from_json(run.configuration)
    context = {
        "page": page_of(run, request.user, "run_configuration"),
        "asked": asked,
        "command": command_line(run, asked),
        "variables": variables_of(asked),
        "spark": spark_part_of(run, asked),
        "repeats": run.children.select_related("project").order_by("number"),
    }
    return render(request, "runs/run/configuration.html", context)


@require_safe
@login_required
def show_environment(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the interpreter and the installed packages (those that `?q=` names), next to what was asked for."""
    run = find_run(request, slug, number)
    wanted = request.GET.get("q", "").strip().lower()
    packages = sorted(run.packages.items(), key=lambda package: package[0].lower())
    context = {
        "page": (page := page_of(run, request.user, "run_environment")),
        "can_be_prepared": page.can_run and can_be_prepared_for(run),
        "packages": [package for package in packages if wanted in package[0].lower()],
        "all_packages": len(packages),
        "wanted": wanted,
        "environment_is_known": environment_page(run.environment_hash, request.user) is not None,
        "has_build": (run.folder / LOG_FILES["build"]).exists(),
        "asked_files": asked_files(run, RunConfiguration.from_json(run.configuration)),
    }
    return render(request, "runs/run/environment.html", context)


@require_safe
@login_required
def show_events(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show everything that was recorded about a run, oldest first."""
    run = find_run(request, slug, number)
    context = {"page": page_of(run, request.user, "run_events"), "events": run.events.select_related("actor")}
    return render(request, "runs/run/events.html", context)
