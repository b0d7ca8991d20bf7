"""Calls about runs: submit, list, show, cancel, repeat."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Query, Router

from computes.spark_resources import NAMES, Resources
from runs.api.access import find_project, find_run
from runs.api.answer_schemas import RunDetails, RunList, RunReceipt
from runs.api.problems import ApiProblem, invalid
from runs.api.request_schemas import RerunWanted, RunListWanted, RunWanted
from runs.api.run_facts import details_of, receipt_of, summary_of
from runs.api.run_pages import page_of_runs, read_filters
from runs.api.sign_in import person_of
from runs.cancellation import request_cancel
from runs.models import Run
from runs.submission import Submission, rerun, run_of_key, submit_run

router = Router(tags=["Runs"])
LONGEST_KEY = 100
KEY_PARAMETER = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "schema": {"type": "string", "maxLength": LONGEST_KEY},
            "description": "The same key gives the same run: it is safe to send the call again.",
        }
    ]
}


def key_of(request: HttpRequest) -> str | None:
    """Return the Idempotency-Key of a call, if it has one. Raises ApiProblem for keys that cannot be stored."""
    key: str = request.META.get("HTTP_IDEMPOTENCY_KEY", "")
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise invalid(
            {"idempotency_key": [f"An Idempotency-Key has at most {LONGEST_KEY} printable ASCII characters."]}
        )
    return key or None


@router.post(
    "/projects/{slug:slug}/runs",
    response={201: RunReceipt, 200: RunReceipt},
    summary="Submit a run",
    openapi_extra=KEY_PARAMETER,
)
def create_run(request: HttpRequest, slug: str, wanted: RunWanted) -> HttpResponse:
    """Queue a run of the project's current code. 200 when the Idempotency-Key was used before."""
    person = person_of(request)
    project = find_project(person, slug)
    key = key_of(request)
    earlier = run_of_key(person, project, key) if key else None
    if earlier is not None:
        return JsonResponse(receipt_of(earlier))
    run = submit_run(
        person,
        project,
        Submission(
            script=wanted.script,
            arguments=None if wanted.arguments is None else tuple(wanted.arguments),
            target=wanted.target,
            run_configuration=wanted.run_configuration,
            framework=wanted.framework,
            resources=Resources(**{name: getattr(wanted, name) for name in NAMES}),
            environment_variables=wanted.environment_variables,
            secret_variables=wanted.secret_variables,
            time_limit_seconds=wanted.time_limit_seconds,
            description=wanted.description,
            tags=tuple(wanted.tags),
            idempotency_key=key,
        ),
    )
    return JsonResponse(receipt_of(run), status=201)


@router.get("/projects/{slug:slug}/runs", response=RunList, summary="List runs")
def list_runs(request: HttpRequest, slug: str, wanted: Query[RunListWanted]) -> HttpResponse:
    """The project's runs, newest first; follow `next` for the following ones."""
    project = find_project(person_of(request), slug)
    filters = read_filters(wanted.state, wanted.target, wanted.script, wanted.tag, wanted.person, wanted.sort)
    runs, following = page_of_runs(project, filters, wanted.cursor, wanted.limit)
    return JsonResponse({"runs": [summary_of(run) for run in runs], "next": following})


@router.get("/projects/{slug:slug}/runs/{int:number}", response=RunDetails, summary="Show a run")
def show_run(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """All that is recorded about a run."""
    return JsonResponse(details_of(find_run(person_of(request), slug, number)))


@router.post("/projects/{slug:slug}/runs/{int:number}/cancel", response={202: RunDetails}, summary="Cancel a run")
def cancel_run(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Ask for the end of a run. 409 when it has ended already."""
    person = person_of(request)
    run: Run = find_run(person, slug, number)
    if not request_cancel(run, person) and run.is_finished:
        raise ApiProblem(
            409,
            "run_has_ended",
            f"Run {run.number} has ended already: {run.state}.",
            "There is nothing left to cancel.",
        )
    return JsonResponse(details_of(run), status=202)


@router.post(
    "/projects/{slug:slug}/runs/{int:number}/rerun",
    response={201: RunReceipt, 200: RunReceipt},
    summary="Repeat a run",
    openapi_extra=KEY_PARAMETER,
)
def repeat_run(request: HttpRequest, slug: str, number: int, wanted: RerunWanted | None = None) -> HttpResponse:
    """Queue the same code with the same configuration again."""
    person = person_of(request)
    run = find_run(person, slug, number)
    key = key_of(request)
    earlier = run_of_key(person, run.project, key) if key else None
    if earlier is not None:
        return JsonResponse(receipt_of(earlier))
    secrets = wanted.secret_variables if wanted else {}
    repeated = rerun(person, run, secret_variables=secrets, idempotency_key=key)
    return JsonResponse(receipt_of(repeated), status=201)
