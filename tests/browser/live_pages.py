"""Pages, websockets and static files in this process: uvicorn in a thread on a free loopback port.

One for the whole session, because what watches logs and states belongs to the event loop that it began on.
"""

import asyncio
import mimetypes
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from channels.routing import ProtocolTypeRouter, URLRouter
from django.contrib.staticfiles import finders
from django.core.asgi import get_asgi_application

from runs.routing import websocket_urlpatterns

Send = Callable[[dict[str, Any]], Awaitable[None]]
PATIENCE_SECONDS = 60


async def pages_and_static_files(scope: dict[str, Any], receive: Any, send: Send) -> None:
    """Answer static files from their sources, and hand everything else to Django."""
    found = finders.find(scope["path"].removeprefix("/static/")) if scope["path"].startswith("/static/") else None
    if not isinstance(found, str):
        await DJANGO(scope, receive, send)
        return
    kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind.encode())]})
    await send({"type": "http.response.body", "body": await asyncio.to_thread(Path(found).read_bytes)})


DJANGO = get_asgi_application()
APPLICATION = ProtocolTypeRouter({"http": pages_and_static_files, "websocket": URLRouter(websocket_urlpatterns)})


@contextmanager
def live_pages() -> Iterator[str]:
    """Serve while the context lasts; gives the address, without a slash at its end."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(APPLICATION, lifespan="off", log_level="warning", loop="asyncio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
        listener.close()
