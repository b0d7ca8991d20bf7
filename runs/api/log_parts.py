"""Parts of a log by byte offset, for programs that follow it."""

from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from runs.api.request_schemas import LogPartWanted, LogWanted
from runs.models import Run
from runs.run_folder_files import FilePart, open_beneath
from runs.serving import LOG_FILES, TEXT, seal_headers
from runs.streaming import stream


def send_log(request: HttpRequest, run: Run, wanted: LogWanted) -> HttpResponseBase:
    """Return the bytes of one of a run's logs as `send_part_of` does."""
    name = LOG_FILES[wanted.stream]
    is_over = run.is_finished or (run.log_is_complete and wanted.stream == "log")
    return send_part_of(request, run.folder, name, wanted, is_over, f"run-{run.number}.{name}")


def send_part_of(
    request: HttpRequest, folder: Path, name: str, wanted: LogPartWanted, is_over: bool, shown_name: str
) -> HttpResponseBase:
    """Return the bytes from an offset up to the log's present end, or fewer by `limit`.

    X-Log-Offset is where they start: less than was asked for when the log is shorter, as after a truncation.
    X-Log-Complete is true when these bytes reach the end and no more will come.
    """
    part: FilePart | Iterator[bytes]
    try:
        part = open_beneath(folder, name)
        size = part.end
    except FileNotFoundError:  # a log that has not begun is empty
        part, size = iter(()), 0
    start = min(wanted.from_byte, size)
    end = size if wanted.limit is None else min(start + wanted.limit, size)
    if isinstance(part, FilePart):
        part.offset, part.end = start, end
    response = stream(request, part, TEXT)
    response["Content-Length"] = str(end - start)
    response["X-Log-Offset"] = str(start)
    response["X-Log-Next"] = str(end)
    response["X-Log-Complete"] = "true" if is_over and end == size else "false"
    seal_headers(response, shown_name, as_attachment=False)
    return response
