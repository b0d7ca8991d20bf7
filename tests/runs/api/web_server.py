"""The web process of the tests: uvicorn in a thread, on a free loopback port, on the test's own database."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

from amlweb.body_limit import LimitedBodies

PATIENCE_SECONDS = 60


@contextmanager
def web_server() -> Iterator[str]:
    """Serve pages and API while the context lasts; gives the address, without a slash at its end."""
    listener = socket.create_server(("127.0.0.1", 0))
    pages = LimitedBodies(ASGIStaticFilesHandler(get_asgi_application()))  # nothing is collected in tests
    config = uvicorn.Config(pages, lifespan="off", log_level="warning", loop="asyncio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
        listener.close()
        assert not thread.is_alive(), "the web server did not stop"
