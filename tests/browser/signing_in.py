"""How a person is signed in to pages in a real browser, without typing a password."""

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext


def context_of(browser: Browser, person: User, address: str, **options: object) -> BrowserContext:
    """Return a browser context in which a person is signed in to the pages at an address."""
    client = Client()
    client.force_login(person)
    context = browser.new_context(**options)  # type: ignore[arg-type]
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
    return context
