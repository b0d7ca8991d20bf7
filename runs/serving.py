"""Sends files that a script made, so that none of them can act in a reader's browser.

Pictures, text, CSV and JSON are shown, everything else is downloaded; a sandbox without any permission goes with
each, and no browser guesses a kind. `Range` is honoured.
"""

import re
from pathlib import PurePosixPath

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header

from runs.byte_ranges import ByteRange, RangeNotSatisfiable, parse_range
from runs.models import Run
from runs.run_folder_files import FilePart, open_beneath
from runs.streaming import stream

PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
PLAIN = {".txt", ".log", ".csv", ".tsv", ".json", ".jsonl", ".md", ".yml", ".yaml"}
TEXT = "text/plain; charset=utf-8"
UNSAFE_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069]")
LOG_FILES = {"log": "log", "system": "system.log", "build": "build.log"}


def content_type_of(path: str) -> str | None:
    """Return the type under which a file may be shown; None when it may only be downloaded."""
    suffix = PurePosixPath(path).suffix.lower()
    return PICTURES.get(suffix) or (TEXT if suffix in PLAIN else None)


def safe_file_name(name: str) -> str:
    """Return a name for a browser to save under: no control characters, no turned writing direction."""
    return UNSAFE_IN_NAMES.sub("_", name).encode("utf-8", "replace").decode() or "file"


def seal_headers(response: HttpResponseBase, name: str, as_attachment: bool) -> None:
    """Give a response the headers that keep its content from acting."""
    disposition = content_disposition_header(as_attachment, safe_file_name(name))
    if disposition:
        response["Content-Disposition"] = disposition
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-cache"


def send_part(request: HttpRequest, file: FilePart, content_type: str, etag: str = "") -> HttpResponseBase:
    """Return a file, or the part of it that the request names: 200, 206 or 416."""
    size = file.end
    wanted = request.headers.get("Range", "")
    if request.headers.get("If-Range", etag) != etag:
        wanted = ""
    try:
        part = parse_range(wanted, size)
    except RangeNotSatisfiable:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    chosen = part or ByteRange(0, size)
    file.offset, file.end = chosen.start, chosen.end
    response = stream(request, file, content_type, 206 if part else 200)
    response["Content-Length"] = str(chosen.length)
    response["Accept-Ranges"] = "bytes"
    if etag:
        response["ETag"] = etag
    if part:
        response["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    return response


def serve_output(run: Run, path: str, request: HttpRequest) -> HttpResponseBase:
    """Return one collected output of a run; `?download=1` saves it in any case. Raises Http404.

    The caller has decided that the reader may see the run's outputs.
    """
    output = run.outputs.filter(path=path, skipped="").first() if "\0" not in path else None
    if output is None:
        raise Http404("No such output.")
    try:
        file = open_beneath(run.folder / "outputs", path)
    except FileNotFoundError as error:
        raise Http404("No such output.") from error
    shown_as = content_type_of(path)
    etag = f'"{output.sha256}"' if output.sha256 else ""
    response = send_part(request, file, shown_as or "application/octet-stream", etag)
    seal_headers(response, PurePosixPath(path).name, shown_as is None or "download" in request.GET)
    return response


def serve_log(run: Run, stream_name: str, request: HttpRequest) -> HttpResponseBase:
    """Return a run's log ("log"), its system log ("system") or the log of its environment's build ("build") as it is on
    the server, as raw bytes of plain text.

    A log that has not begun is empty. Raises Http404 for any other name.
    """
    if stream_name not in LOG_FILES:
        raise Http404("No such log.")
    try:
        response = send_part(request, open_beneath(run.folder, LOG_FILES[stream_name]), TEXT)
    except FileNotFoundError:
        response = HttpResponse(b"", content_type=TEXT)
    seal_headers(
        response,
        f"{run.project.slug}-run-{run.number}.{LOG_FILES[stream_name]}",
        as_attachment="download" in request.GET,
    )
    return response
