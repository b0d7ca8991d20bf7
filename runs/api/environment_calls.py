"""Calls about execution environments: which there are, what is in them, and preparing one ahead of runs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from computes.errors import PreparationFailed
from computes.models import TargetEnvironment
from projects.models import Role
from runs.api.access import find_project
from runs.api.answer_schemas import EnvironmentDetails, EnvironmentFacts, EnvironmentList
from runs.api.moments import moment
from runs.api.problems import ApiProblem, not_found
from runs.api.request_schemas import EnvironmentWanted
from runs.api.sign_in import person_of
from runs.environment_page import EnvironmentPage, environment_page, lock_as
from runs.environment_preparation import prepare_environment
from runs.serving import TEXT, seal_headers

router = Router(tags=["Environments"])
ENVIRONMENT = "/environments/{slug:key}"
MOST_LISTED = 500


def environment_facts(row: TargetEnvironment) -> dict[str, Any]:
    """Return an environment as it is on one target."""
    return {
        "key": row.key,
        "hash": row.lock_id or "",
        "target": row.target.name,
        "state": row.state,
        "progress": row.progress,
        "error": row.error,
        "remedy": row.remedy,
        "asked": {name: row.asked.get(name, []) for name in ("channels", "conda", "pip")},
        "source": row.asked.get("source", ""),
        "bytes": row.size_bytes,
        "seconds": row.seconds,
        "asked_at": moment(row.asked_at),
        "finished_at": moment(row.finished_at),
        "last_used_at": moment(row.last_used_at),
        "url": settings.URL + row.get_absolute_url(),
    }


def find_environment(request: HttpRequest, key: str) -> EnvironmentPage:
    """Return an environment that the person may know of."""
    page = environment_page(key, person_of(request))
    if page is None:
        raise not_found("environment")
    return page


@router.get("/environments", response=EnvironmentList, summary="List environments")
def list_environments(request: HttpRequest) -> HttpResponse:
    """The environments that projects of yours use, on each target, the one that was used last first."""
    rows = TargetEnvironment.objects.visible_to(person_of(request)).select_related("target").defer("packages")
    return JsonResponse({"environments": [environment_facts(row) for row in rows[:MOST_LISTED]]})


@router.get(ENVIRONMENT, response=EnvironmentDetails, summary="Show an environment")
def show_environment(request: HttpRequest, key: str) -> HttpResponse:
    """What is installed, and how it is on each target. `key` is the hash of the lock, or the `key` of a preparation."""
    page = find_environment(request, key)
    lock = page.lock
    return JsonResponse(
        {
            "key": page.key,
            "hash": lock.hash if lock else "",
            "packages": [
                {name: package[name] for name in ("kind", "name", "version", "build", "url", "sha256")}
                for package in (lock.packages if lock else ())
            ],
            "targets": [environment_facts(row) for row in page.rows],
        }
    )


def send_lock(request: HttpRequest, key: str, form: str) -> HttpResponse:
    """Answer with the lock in one of its forms."""
    page = find_environment(request, key)
    if page.lock is None:
        raise not_found("lock")
    try:
        text = lock_as(form, page.lock)
    except PreparationFailed as error:
        raise ApiProblem(503, "not_written", error.text, error.remedy) from error
    response = HttpResponse(text, content_type="application/json" if form == "lock" else TEXT)
    seal_headers(response, f"{page.lock.hash[:12]}.{form}", as_attachment=False)
    return response


@router.get(ENVIRONMENT + "/lock", summary="Read the lock")
def read_lock(request: HttpRequest, key: str) -> HttpResponse:
    """Exact packages with their addresses and checksums, as JSON."""
    return send_lock(request, key, "lock")


@router.get(ENVIRONMENT + "/explicit", summary="Read the lock for conda")
def read_explicit(request: HttpRequest, key: str) -> HttpResponse:
    """An @EXPLICIT list, for `conda create --file`."""
    return send_lock(request, key, "explicit")


@router.get(ENVIRONMENT + "/pixi", summary="Read the lock for pixi")
def read_pixi(request: HttpRequest, key: str) -> HttpResponse:
    """A pixi.lock."""
    return send_lock(request, key, "pixi")


@router.post("/projects/{slug:slug}/environments", response={202: EnvironmentFacts}, summary="Prepare an environment")
def prepare(request: HttpRequest, slug: str, wanted: EnvironmentWanted) -> HttpResponse:
    """Build what the project's current code needs on a target, unless it is there. Ask for its `key` how it goes."""
    person = person_of(request)
    project = find_project(person, slug, Role.RUNNER)
    row = prepare_environment(person, project, wanted.target, wanted.run_configuration)
    return JsonResponse(environment_facts(row), status=202)
