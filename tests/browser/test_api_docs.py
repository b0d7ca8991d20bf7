"""The page of the API's documentation in a real browser, under our own Content-Security-Policy."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing_in import context_of
from tests.runs.api.test_docs_page import CALLS

pytestmark = pytest.mark.browser


def test_it_shows_every_call_without_inline_scripts_and_without_the_outside(
    transactional_db: None, bob: User, browser: Browser, live_server: LiveServer
) -> None:
    context = context_of(browser, bob, live_server.url)
    page = context.new_page()
    complaints: list[str] = []
    asked: set[str] = set()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.add(request.url))
    page.goto(f"{live_server.url}/api/v1/docs")
    page.get_by_text("Submit a run").click()
    page.get_by_text("Idempotency-Key").first.wait_for()
    assert page.locator(".opblock").count() == sum(map(len, CALLS.values()))
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    assert complaints == []
    context.close()
