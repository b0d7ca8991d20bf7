"""What tests with a browser need besides the browser."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

PATIENCE_MILLISECONDS = 30_000  # pages ask every few seconds, and a busy machine takes its time
expect.set_options(timeout=PATIENCE_MILLISECONDS)


@pytest.fixture(scope="session", autouse=True)
def database_beside_playwright() -> Iterator[None]:
    """Allow the database beside Playwright, which keeps an event loop in this thread until the session ends."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
