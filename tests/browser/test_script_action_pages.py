"""A script action in a real browser: written, reviewed, run and watched, narrow and wide, light and dark."""

import os
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django import Settings

from computes.action_logs import log_of
from computes.machines.ssh import new_key_pair
from computes.models import ActionNode, ComputeTarget, ScriptAction
from tests.browser.run_page import pages_address
from tests.browser.signing_in import context_of
from tests.computes.django.cluster_parts import HEAD

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("cluster_kinds")]
__all__ = ["pages_address"]
LONG = "worker-node-with-a-very-long-name-that-does-not-wrap.of-a-cluster.in-a-lab.example"
SCRIPT = "#!/bin/bash\nset -eu\n" + "sudo -n apt-get install -y --no-install-recommends libgomp1 " * 4 + "\n"


@pytest.fixture
def big(transactional_db: None, data_dir: Path, ada: User) -> ComputeTarget:
    """A cluster with nodes in every state of their keys."""
    old, new = (" ".join(new_key_pair("")[1].split()[:2]) for _ in range(2))
    target: ComputeTarget = ComputeTarget.objects.create(
        name="big",
        kind="cluster",
        created_by=ada,
        host_keys=[old],
        seen_host_keys=[old],
        worker_nodes=["node1", f"root@{LONG}:2222", "node3", "node4"],
        node_keys={
            "node1": {"host_keys": [old], "seen_host_keys": [old]},
            f"{LONG}:2222": {"host_keys": [old], "seen_host_keys": [old]},
            "node3": {"host_keys": [old], "seen_host_keys": [new]},
            "node4": {"seen_host_keys": [new], "trouble": "node4 did not answer within 15 s. " * 6},
        },
        **HEAD,
    )
    return target


def look(page: Page, name: str) -> None:
    """No page scrolls sideways. With AMLWEB_TEST_PICTURES in the environment, keep a picture in that folder."""
    excess = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert excess <= 0, f"{name} is {excess} pixels too wide"
    if folder := os.environ.get("AMLWEB_TEST_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def press_while_news_come(page: Page, button: Locator) -> None:
    """Click on a button so slowly that the part around it asks for news twice meanwhile."""
    button.hover()
    page.mouse.down()
    for _ in range(2):
        with page.expect_response(re.compile(r"\?node=")) as news:
            pass
        news.value.finished()
    page.mouse.up()


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_a_script_is_written_reviewed_run_and_watched(
    width: int, scheme: str, browser: Browser, pages_address: str, big: ComputeTarget, ada: User, settings: Settings
) -> None:
    settings.OWN_ORIGINS = [pages_address]
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    context = context_of(browser, ada, pages_address, **options)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(pages_address + reverse("compute", args=["big"]))
    card = page.locator("#nodes")
    expect(card).to_contain_text("2 of 4 nodes approved")
    look(page, f"target-{width}")
    card.get_by_role("checkbox", name="SHA256").last.check()
    card.get_by_role("button", name="Approve the ticked keys").click()
    expect(page.locator("#nodes")).to_contain_text("3 of 4 nodes approved")
    page.wait_for_load_state()
    page.get_by_role("link", name="Run a script…").click()
    page.get_by_label("Name").fill("install libgomp")
    page.get_by_label("Script", exact=True).fill(SCRIPT)
    look(page, f"new-{width}")
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("button", name="Run on 3 nodes")).to_be_visible()
    look(page, f"review-{width}")
    page.get_by_role("button", name="Run on 3 nodes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("install libgomp")
    action = ScriptAction.objects.get()
    assert action.script == SCRIPT
    page.evaluate("window.wasNotReloaded = true")
    first = action.nodes.get(number=1)
    log_of(first).parent.mkdir(parents=True)
    log_of(first).write_bytes(b"\x1b[31mReading package lists\x1b[0m <b>\n" * 40)
    ActionNode.objects.filter(pk=first.pk).update(state="ended", exit_code=100, log_bytes=1500)
    expect(page.locator("#script-action-live")).to_contain_text("Ended with code 100")
    expect(page.locator("#log")).to_contain_text("Reading package lists <b>")
    assert page.evaluate("window.wasNotReloaded")
    look(page, f"action-{width}")
    press_while_news_come(page, page.get_by_role("button", name="Stop"))
    expect(page.locator("#script-action-live")).to_contain_text("Being stopped")
    context.close()
    assert complaints == []
