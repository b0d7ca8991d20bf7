"""Pages, websockets and static files in this process: uvicorn in a thread on a free loopback port.

One for the whole session, because what watches logs and states belongs to the event loop that it began on.
"""

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.contrib.staticfiles import finders
from django.core.asgi import get_asgi_application

from runs.routing import websocket_urlpatterns
from tests.stack.web_thread import serving

Send = Callable[[dict[str, Any]], Awaitable[None]]


async def pages_and_static_files(scope: dict[str, Any], receive: Any, send: Send) -> None:
    """Answer static files from their sources, and hand everything else to Django."""
    found = finders.find(scope["path"].removeprefix("/static/")) if scope["path"].startswith("/static/") else None
    if not isinstance(found, str):
        await DJANGO(scope, receive, send)
        return
    kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
    headers = [(b"content-type", kind.encode()), (b"cache-control", b"max-age=600")]  # as in life, browsers keep them
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": await asyncio.to_thread(Path(found).read_bytes)})


DJANGO = get_asgi_application()
APPLICATION = ProtocolTypeRouter({"http": pages_and_static_files, "websocket": URLRouter(websocket_urlpatterns)})


@contextmanager
def live_pages() -> Iterator[str]:
    """Serve while the context lasts; gives the address, without a slash at its end."""
    with serving(APPLICATION) as address:
        yield address
