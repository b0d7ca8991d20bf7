"""The exact code of a run: files, one file, changes since the run before, and all of it to take away."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from projects.errors import FileNotInSnapshot
from projects.snapshots import differences, manifest_of_snapshot, stream_archive
from runs.code_page import code_file, marked, run_before
from runs.models import Run
from runs.serving import seal_headers
from runs.streaming import stream
from runs.views.run_frame import find_run, page_of


@require_safe
@login_required
def show_code(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the files of the run's snapshot: the one that `?file=` names, or `?changes` since the run before; with
    `?against=12` the changes since run 12."""
    run = find_run(request, slug, number)
    against = request.GET.get("against", "")
    before = earlier_run(request, slug, against) if against else run_before(run)
    context = {
        "page": page_of(run, request.user, "run_code"),
        "files": manifest_of_snapshot(run.snapshot),
        "before": before,
        "same_code": before is not None and before.snapshot_id == run.snapshot_id,
        **part_shown(request, run, before),
    }
    return render(request, "runs/run/code.html", context)


def earlier_run(request: HttpRequest, slug: str, number: str) -> Run:
    """Return the run of the same project that the address compares with. Raises Http404."""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Http404("That is no number of a run.")
    return find_run(request, slug, int(number))


def part_shown(request: HttpRequest, run: Run, before: Run | None) -> dict[str, object]:
    """Return the file or the changes that the address asks for; without a wish, the script. Raises Http404."""
    if ("changes" in request.GET or "against" in request.GET) and before is not None:
        return {"changes": [marked(difference) for difference in differences(before.snapshot, run.snapshot)]}
    path = request.GET.get("file", "")
    try:
        return {"file": code_file(run.snapshot, path or run.script)}
    except FileNotInSnapshot as error:
        if path:
            raise Http404("No such file in the code of this run.") from error
        return {"file": None}


@require_safe
@login_required
def send_code(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """Send the code of a run as one archive."""
    run = find_run(request, slug, number)
    chunks = iter(()) if request.method == "HEAD" else stream_archive(run.snapshot)
    response = stream(request, chunks, "application/gzip")
    seal_headers(response, f"{run.project.slug}-{run.snapshot.digest[:12]}.tar.gz", as_attachment=True)
    return response
