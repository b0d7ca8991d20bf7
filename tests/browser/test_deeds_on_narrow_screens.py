"""Deeds that ask first, on a screen of 390 pixels: the question can be seen whole, and its button be clicked."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from runs.models import Run, ShareLink
from runs.sharing import create_link
from tests.browser.run_page import Watched, end_run, pages_address, printing_run, watched

pytestmark = pytest.mark.browser
__all__ = ["narrow", "pages_address", "printing_run", "watched"]


@pytest.fixture
def narrow(watched: Watched) -> Watched:
    """The page of Alice's on a telephone."""
    watched.page.set_viewport_size({"width": 390, "height": 844})
    return watched


def confirm(page: Page, menu: Locator, button: str) -> None:
    """Open a menu, see that nothing of it is cut off, and click its button."""
    menu.locator("summary").click()
    panel = menu.locator(".menu-panel")
    expect(panel).to_be_in_viewport(ratio=1)
    panel.get_by_role("button", name=button).click()


def test_a_run_is_cancelled(narrow: Watched, printing_run: Run) -> None:
    page = narrow.open(printing_run.get_absolute_url())
    confirm(page, page.locator(".cancel-action"), "Cancel the run")
    expect(page.locator("#run-status")).to_contain_text("Cancel requested by alice")
    assert Run.objects.get().cancel_requested_at is not None


def test_a_run_is_archived(narrow: Watched, printing_run: Run) -> None:
    end_run(printing_run)
    page = narrow.open(printing_run.get_absolute_url())
    confirm(page, page.locator(".archive-action"), "Archive")
    expect(page.get_by_text("The run is archived")).to_be_visible()


def test_a_share_link_is_revoked(narrow: Watched, printing_run: Run, alice: User) -> None:
    for _ in range(2):
        create_link(printing_run, alice, days=1, shows_log=True, shows_outputs=True)
    page = narrow.open(reverse("run_share", args=["hello", 1]))
    confirm(page, page.locator(".table .menu").last, "Revoke the link")
    expect(page.locator(".table")).to_contain_text("Revoked")
    assert ShareLink.objects.filter(revoked_at=None).count() == 1
