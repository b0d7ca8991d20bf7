"""What a script left in outputs/: the tree with a look into one file, one file, or all of them."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runs.models import Run
from runs.output_tree import tree_of
from runs.outputs_archive import ARCHIVES
from runs.previews import Preview, preview_of
from runs.serving import seal_headers, serve_output
from runs.streaming import stream
from runs.views.run_frame import find_run, page_of


@require_safe
@login_required
def show_outputs(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the tree of outputs, and a look into the one that `?file=` names."""
    run = find_run(request, slug, number)
    outputs = list(run.outputs.all())
    context = {
        "page": page_of(run, request.user, "run_outputs"),
        "tree": tree_of(outputs),
        "skipped": [output for output in outputs if output.skipped],
        "size": sum(output.size_bytes for output in outputs if not output.skipped),
        "preview": wanted_preview(run, request.GET.get("file", "")),
    }
    return render(request, "runs/run/outputs.html", context)


def wanted_preview(run: Run, path: str) -> Preview | None:
    """Return a look into an output that a reader asked for; None when he asked for none. Raises Http404."""
    if not path:
        return None
    if "\0" in path or not run.outputs.filter(path=path, skipped="").exists():
        raise Http404("No such output.")
    try:
        return preview_of(run, path)
    except FileNotFoundError as error:
        raise Http404("No such output.") from error


@require_safe
@login_required
def send_output(request: HttpRequest, slug: str, number: int, path: str) -> HttpResponseBase:
    """Send one output."""
    return serve_output(find_run(request, slug, number), path, request)


@require_safe
@login_required
def send_archive(request: HttpRequest, slug: str, number: int, kind: str) -> HttpResponseBase:
    """Send all outputs as one archive, made on the way."""
    return archive_response(request, find_run(request, slug, number), kind)


def archive_response(request: HttpRequest, run: Run, kind: str) -> HttpResponseBase:
    """Return all outputs of a run as an archive of a kind ("zip" or "tar.gz"). Raises Http404 for other kinds."""
    if kind not in ARCHIVES:
        raise Http404("No such archive.")
    pack, content_type = ARCHIVES[kind]
    paths = list(run.outputs.filter(skipped="").values_list("path", flat=True))
    chunks = iter(()) if request.method == "HEAD" else pack(run.folder / "outputs", paths)
    response = stream(request, chunks, content_type)
    seal_headers(response, f"{run.project.slug}-run-{run.number}-outputs.{kind}", as_attachment=True)
    return response
