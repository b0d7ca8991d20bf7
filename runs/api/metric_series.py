"""All metric values of a run as one JSON object, written while it is read."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from runs.models import MetricPoint, Run

COLUMNS = ("name", "step", "time", "value", "text")
ROWS_AT_ONCE = 2_000


class SeriesWriter:
    """Writes rows that are grouped by name as `{name: [{"step", "time", "value"}]}`, piece by piece."""

    def __init__(self) -> None:
        self.name: str | None = None

    def piece(self, row: Mapping[str, Any]) -> str:
        """Return the text for the next row."""
        name = row["name"]
        entry = {key: row[key] for key in ("step", "time", "value")} | ({"text": row["text"]} if row["text"] else {})
        if name == self.name:
            return "," + json.dumps(entry)
        before = "{" if self.name is None else "],"
        self.name = name
        return f"{before}{json.dumps(name)}:[{json.dumps(entry)}"

    def end(self) -> str:
        """Return the text that closes what was written."""
        return "{}" if self.name is None else "]}"


def stream_series(request: HttpRequest, run: Run) -> StreamingHttpResponse:
    """Return every value that a run's script logged, by name, in the order of logging."""
    rows = MetricPoint.objects.filter(run=run).order_by("name", "pk").values(*COLUMNS)

    def pieces() -> Iterator[str]:
        writer = SeriesWriter()
        for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
            yield writer.piece(row)
        yield writer.end()

    async def pieces_while_serving() -> AsyncIterator[str]:
        writer = SeriesWriter()
        batch: list[str] = []
        async for row in rows.aiterator(chunk_size=ROWS_AT_ONCE):
            batch.append(writer.piece(row))
            if len(batch) == ROWS_AT_ONCE:
                yield "".join(batch)
                batch.clear()
        yield "".join([*batch, writer.end()])

    content = pieces_while_serving() if isinstance(request, ASGIRequest) else pieces()
    return StreamingHttpResponse(content, content_type="application/json")
