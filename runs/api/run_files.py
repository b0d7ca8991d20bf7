"""Calls that send what a run left: log, metrics, outputs and code, streamed with flat memory."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router

from projects.snapshots import stream_archive
from runs.api.access import find_run
from runs.api.answer_schemas import MetricValue, OutputFacts
from runs.api.log_parts import send_log
from runs.api.metric_series import stream_series
from runs.api.problems import not_found
from runs.api.request_schemas import LogWanted
from runs.api.sign_in import person_of
from runs.serving import seal_headers, serve_output
from runs.streaming import stream

router = Router(tags=["What a run left"])
RUN = "/projects/{slug:slug}/runs/{int:number}"


@router.get(RUN + "/log", summary="Read the log")
def read_log(request: HttpRequest, slug: str, number: int, wanted: Query[LogWanted]) -> HttpResponseBase:
    """Raw bytes from an offset on. Headers: X-Log-Offset, X-Log-Next (where to go on), X-Log-Complete."""
    return send_log(request, find_run(person_of(request), slug, number), wanted)


@router.get(RUN + "/metrics", response=dict[str, list[MetricValue]], summary="Read the metrics")
def read_metrics(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Every value that the script logged, by name, in the order of logging."""
    return stream_series(request, find_run(person_of(request), slug, number))


@router.get(RUN + "/outputs", response=list[OutputFacts], summary="List outputs")
def list_outputs(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The files of `outputs/`; those that were not taken say why."""
    run = find_run(person_of(request), slug, number)
    rows = run.outputs.values_list("path", "size_bytes", "sha256", "skipped")
    facts = [{"path": path, "bytes": size, "sha256": digest, "skipped": why} for path, size, digest, why in rows]
    return JsonResponse(facts, safe=False)


@router.get(RUN + "/outputs/{path:path}", summary="Read an output")
def read_output(request: HttpRequest, slug: str, number: int, path: str) -> HttpResponseBase:
    """One file. `Range` is honoured."""
    run = find_run(person_of(request), slug, number)
    try:
        return serve_output(run, path, request)
    except Http404 as error:
        raise not_found("output") from error


@router.get(RUN + "/snapshot.tar.gz", summary="Read the code")
def read_snapshot(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """The code that the run was made of."""
    run = find_run(person_of(request), slug, number)
    response = stream(request, stream_archive(run.snapshot), "application/gzip")
    seal_headers(response, f"{slug}-run-{number}.tar.gz", as_attachment=True)
    return response
