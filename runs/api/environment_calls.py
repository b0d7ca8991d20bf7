"""Calls about execution environments: which there are, what is in them, preparing one, its build's log and end."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from ninja import Query, Router

from computes.build_folder import folder_of, log_of
from computes.errors import PreparationFailed
from computes.models import TargetEnvironment
from projects.models import Role
from runs.api.access import find_project
from runs.api.answer_schemas import EnvironmentDetails, EnvironmentFacts, EnvironmentList
from runs.api.log_parts import send_part_of
from runs.api.moments import moment
from runs.api.problems import ApiProblem, not_found
from runs.api.request_schemas import EnvironmentWanted, LogPartWanted
from runs.api.sign_in import person_of
from runs.environment_page import EnvironmentPage, environment_page, lock_as
from runs.environment_preparation import cancel_preparation, prepare_environment
from runs.serving import TEXT, seal_headers

router = Router(tags=["Environments"])
ENVIRONMENT = "/environments/{slug:key}"
ON_TARGET = ENVIRONMENT + "/on/{int:environment_id}"
MOST_LISTED = 500


def environment_facts(row: TargetEnvironment) -> dict[str, Any]:
    """Return an environment as it is on one target."""
    return {
        "id": row.pk,
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


def find_on_target(request: HttpRequest, key: str, environment_id: int) -> TargetEnvironment:
    """Return an environment on one target."""
    row = next((row for row in find_environment(request, key).rows if row.pk == environment_id), None)
    if row is None:
        raise not_found("environment")
    return row


def is_being_canceled(row: TargetEnvironment) -> bool:
    """Return whether the end of a build was asked for earlier and is still awaited."""
    row.refresh_from_db(fields=["state", "cancel_requested_at"])
    return row.state == TargetEnvironment.State.BUILDING and row.cancel_requested_at is not None


@router.get("/environments", response=EnvironmentList, summary="List environments")
def list_environments(request: HttpRequest) -> HttpResponse:
    """The environments that projects of yours use, on each target, the one that was used last first."""
    rows = TargetEnvironment.objects.visible_to(person_of(request)).on_attached_targets().defer("packages")
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
            "targets": [environment_facts(row) for row in page.attached],
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


@router.get(ON_TARGET + "/log", summary="Read a build's log")
def read_build_log(
    request: HttpRequest, key: str, environment_id: int, wanted: Query[LogPartWanted]
) -> HttpResponseBase:
    """The bytes from an offset of the last build's log on one target, with the headers of a run's log. A new build
    begins a new log."""
    row = find_on_target(request, key, environment_id)
    file_name = f"{row.key[:12]}.build.log"
    return send_part_of(request, folder_of(row.pk), log_of(row.pk).name, wanted, not row.is_going_on, file_name)


@router.post(ON_TARGET + "/cancel", response={202: EnvironmentFacts}, summary="Cancel a build")
def cancel_environment_build(request: HttpRequest, key: str, environment_id: int) -> HttpResponse:
    """Ask for the end of a build on one target; runs that wait for it end. 409 when nothing is being built."""
    row = find_on_target(request, key, environment_id)
    if not cancel_preparation(row, person_of(request)) and not is_being_canceled(row):
        raise ApiProblem(
            409, "build_has_ended", f"Nothing is being built: it is {row.state}.", "There is nothing left to cancel."
        )
    return JsonResponse(environment_facts(row), status=202)


@router.post("/projects/{slug:slug}/environments", response={202: EnvironmentFacts}, summary="Prepare an environment")
def prepare(request: HttpRequest, slug: str, wanted: EnvironmentWanted) -> HttpResponse:
    """Build what the project's current code needs on a target, unless it is there. Ask for its `key` how it goes."""
    person = person_of(request)
    project = find_project(person, slug, Role.RUNNER)
    row = prepare_environment(person, project, wanted.target, wanted.run_configuration)
    return JsonResponse(environment_facts(row), status=202)
