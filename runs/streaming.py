"""Streams bytes to a browser with flat memory.

Under ASGI Django reads a synchronous iterator to its end before it sends the first byte (measured), so there it is
given an asynchronous one that takes each chunk in a thread.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


class ChunksInThread:
    """An asynchronous iterator over synchronous chunks. `close` waits for the chunk that is being read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks = chunks
        self.lock = threading.Lock()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        chunk = await asyncio.to_thread(self.take)
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    def take(self) -> bytes | None:
        """Return the next chunk, None at the end."""
        with self.lock:
            return next(self.chunks, None)

    def close(self) -> None:
        """Free what the chunks hold open."""
        with self.lock:
            close = getattr(self.chunks, "close", None)
            if close:
                close()


def stream(
    request: HttpRequest, chunks: Iterator[bytes], content_type: str, status: int = 200
) -> StreamingHttpResponse:
    """Return a response that sends chunks as they come and frees what they hold when the browser goes away."""
    return StreamingHttpResponse(content_for(request, chunks), content_type=content_type, status=status)


def leave_out_content(request: HttpRequest, response: StreamingHttpResponse) -> None:
    """Send the headers of a response only, and read nothing of what it would send."""
    response.streaming_content = content_for(request, iter(()))


def content_for(request: HttpRequest, chunks: Iterator[bytes]) -> ChunksInThread | Iterator[bytes]:
    """Return chunks as the server wants them."""
    return ChunksInThread(chunks) if isinstance(request, ASGIRequest) else chunks
