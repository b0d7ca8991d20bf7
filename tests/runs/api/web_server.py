"""The web process of the tests: uvicorn in a thread, on a free loopback port, on the test's own database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

from amlweb.body_limit import LimitedBodies
from tests.stack.web_thread import serving


@contextmanager
def web_server() -> Iterator[str]:
    """Serve pages and API while the context lasts; gives the address, without a slash at its end."""
    with serving(LimitedBodies(ASGIStaticFilesHandler(get_asgi_application()))) as address:  # nothing is collected
        yield address
