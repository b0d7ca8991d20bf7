"""A bound for what a client may send, held before anything of it is kept.

Django writes a request's body to a temporary file before any view is asked, so a body without end would fill the disk.
Forms with files may be as large as a project, everything else as large as Django reads into memory. Bytes.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from amlweb.wording import size_in_words

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[..., Awaitable[None]]

FORM_BYTES = 1024**2  # what a form itself may take beside its file
THROWN_AWAY_BYTES = 64 * 1024**2  # what is taken of a refused body before the connection is closed
DETAIL = "The body of this request is larger than {most}, the most that this server takes here."
ARCHIVE_REMEDY = "Send less: leave data files and environments out of the archive."
REMEDY = "Send less: put long texts and data into files of the project."


@dataclass(frozen=True, slots=True)
class Bound:
    """How large a body may be, and what to do about one that is larger."""

    most_bytes: int
    remedy: str


def bound_for(content_type: bytes) -> Bound:
    """Return the bound of a type of body."""
    if content_type.strip().lower().startswith(b"multipart/form-data"):
        return Bound(int(settings.SNAPSHOT_MAX_BYTES) + FORM_BYTES, ARCHIVE_REMEDY)
    return Bound(int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE), REMEDY)


class LimitedBodies:
    """An ASGI application that answers 413 instead of taking a body that is too large.

    Where the length was not announced, Django is told that the client went away: it then frees what it kept so far and
    answers nothing.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Hand the request on while its body keeps to the limit, whether or not its length was announced."""
        headers = dict(scope["headers"])
        bound = bound_for(headers.get(b"content-type", b""))
        most = bound.most_bytes
        announced = headers.get(b"content-length", b"0")
        if announced.isdigit() and int(announced[:20]) > most:
            await throw_away(receive)
            await refuse(send, bound)
            return
        taken = 0

        async def receive_counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            return message if taken <= most else {"type": "http.disconnect"}

        await self.application(scope, receive_counted, send)
        if taken > most:
            await refuse(send, bound)


async def throw_away(receive: Receive) -> None:
    """Take a body without keeping it, so that the client listens to the answer; of an endless one only so much."""
    taken = 0
    while taken < THROWN_AWAY_BYTES:
        message = await receive()
        taken += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


async def refuse(send: Send, bound: Bound) -> None:
    """Answer 413 in the shape of the API's errors, and let the connection be closed."""
    text = DETAIL.format(most=size_in_words(bound.most_bytes))
    body = json.dumps({"error": "too_large", "detail": text, "remedy": bound.remedy}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": [*headers, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": body})
