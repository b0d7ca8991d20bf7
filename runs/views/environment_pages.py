"""The list of environments, the page of one, its lock in several forms, and the log of its last build."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from computes.build_folder import folder_of
from computes.environments.package_cache import usage_of
from computes.errors import PreparationFailed
from computes.models import TargetEnvironment
from computes.package_settings import package_cache
from computes.views.finding import person_of
from runs.environment_page import FORMS, EnvironmentPage, environment_page, lock_as
from runs.environment_table import page_of_list
from runs.run_folder_files import open_beneath
from runs.serving import TEXT, seal_headers, send_part

SUFFIXES = {"lock": "lock.json", "explicit": "explicit.txt", "pixi": "pixi.lock"}


def find_environment(request: HttpRequest, key: str) -> EnvironmentPage:
    """Return an environment of a project that the person may see. Raises Http404 for all others."""
    page = environment_page(key, request.user)
    if page is None:
        raise Http404("No such environment.")
    return page


@require_safe
@login_required
def show_environments(request: HttpRequest) -> HttpResponse:
    """Show the environments that the person may know of; asked by htmx, only the rows."""
    rows = TargetEnvironment.objects.visible_to(person_of(request)).on_attached_targets()
    page = page_of_list(rows, request.GET.get("page", "1"))
    context = {"page": page, "is_lively": any(each.is_going_on for each in page)}
    context["cache"] = usage_of(package_cache())
    context["cache_days"], context["cache_most_bytes"] = settings.PACKAGE_CACHE_DAYS, settings.PACKAGE_CACHE_BYTES
    is_update = request.headers.get("HX-Request") == "true"
    response = render(request, "environments/_rows.html" if is_update else "environments/list.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@login_required
def show_environment(request: HttpRequest, key: str) -> HttpResponse:
    """Show an environment; asked by htmx, only how its builds go. When they are over the whole page is loaded anew."""
    page = find_environment(request, key)
    is_update = request.headers.get("HX-Request") == "true"
    response = render(request, "environments/_live.html" if is_update else "environments/page.html", {"page": page})
    if is_update and not page.is_going_on:
        response["HX-Redirect"] = page.first.get_absolute_url()
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@login_required
def send_lock(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """Send the lock as JSON, as @EXPLICIT list or as pixi.lock."""
    page = find_environment(request, key)
    if form not in FORMS or page.lock is None:
        raise Http404("No such file.")
    try:
        text = lock_as(form, page.lock)
    except PreparationFailed as error:
        return HttpResponse(f"{error.in_full}\n", content_type=TEXT, status=503)
    response = HttpResponse(text, content_type=TEXT)
    seal_headers(response, f"{page.lock.hash[:12]}.{SUFFIXES[form]}", as_attachment=True)
    return response


@require_safe
@login_required
def send_build_log(request: HttpRequest, key: str, environment_id: int) -> HttpResponseBase:
    """Send the log of the last build on one target as it is."""
    page = find_environment(request, key)
    row = get_object_or_404(TargetEnvironment.objects.visible_to(request.user).of_key(page.key), pk=environment_id)
    try:
        response = send_part(request, open_beneath(folder_of(row.pk), "build.log"), TEXT)
    except FileNotFoundError:
        response = HttpResponse(b"", content_type=TEXT)
    seal_headers(response, f"{row.key[:12]}.build.log", as_attachment=False)
    return response
