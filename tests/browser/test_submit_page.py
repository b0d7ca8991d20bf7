"""Submitting in a real browser: with and without JavaScript, and all these pages at all widths."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from computes.models import ComputeTarget
from projects.models import Project
from runs.models import Run
from runs.status import FailureReason, State
from tests.browser.signing_in import context_of
from tests.computes.on_targets import wait_for

pytestmark = pytest.mark.browser

SECRET = "a-very-secret-value"
PAGES = (
    "/", "/projects/", "/projects/new/", "/projects/new/?from=git", "/projects/hello/", "/projects/hello/files/",
    "/projects/hello/files/hello.py", "/projects/hello/files/hello.py?edit=1", "/projects/hello/aml_config/",
    "/projects/hello/members/", "/projects/hello/source/", "/projects/hello/submit/", "/projects/hello/runs/", "/runs/",
    "/projects/hello/compare/?runs=1,2", "/account/", "/projects/nowhere/",
)  # fmt: skip


@pytest.fixture
def bobs_page(browser: Browser, bob: User, local_target: ComputeTarget, live_server: LiveServer) -> Iterator[Page]:
    context = context_of(browser, bob, live_server.url)
    page = context.new_page()
    page.goto(f"{live_server.url}/projects/hello/submit/")
    yield page
    context.close()


@pytest.mark.one_database
def test_the_arguments_are_listed_while_one_types(bobs_page: Page) -> None:
    bobs_page.get_by_label("Arguments").press_sequentially("--name 'two words")
    expect(bobs_page.get_by_text("The quote ' at character 8 is not closed")).to_be_visible()
    bobs_page.get_by_label("Arguments").press_sequentially("'")
    expect(bobs_page.get_by_text("The script gets 2 arguments")).to_be_visible()
    expect(bobs_page.locator("code.argument").nth(1)).to_have_text("two words")


def test_rows_are_added_without_losing_a_secret(bobs_page: Page) -> None:
    names = bobs_page.get_by_label("Name of the variable")
    values = bobs_page.get_by_label("Value of the variable")
    names.nth(0).fill("TOKEN")
    values.nth(0).fill(SECRET)
    bobs_page.get_by_label("Keep the value secret").nth(0).check()
    expect(values.nth(0)).to_have_attribute("type", "password")
    bobs_page.get_by_role("button", name="Add rows").click()
    expect(names).to_have_count(4)
    expect(values.nth(0)).to_have_value(SECRET)
    names.nth(3).fill("SIZE")
    values.nth(3).fill("3")
    bobs_page.get_by_label("Arguments").fill("--rate 1")
    bobs_page.get_by_label("Arguments").press("Enter")
    bobs_page.wait_for_url("**/projects/hello/runs/1/")
    configuration = Run.objects.get().configuration
    assert configuration["secret_names"] == ["TOKEN"]
    assert configuration["environment_variables"] == {"SIZE": "3"}
    assert SECRET not in bobs_page.content()


def test_a_double_click_makes_one_run(bobs_page: Page) -> None:
    sent: list[Route] = []
    bobs_page.route("**/projects/hello/submit/", lambda route: sent.append(route))
    bobs_page.get_by_role("button", name="Run", exact=True).last.dblclick(no_wait_after=True)
    wait_for(lambda: sent or bobs_page.wait_for_timeout(20), "submission")
    for route in sent:  # not before the second click, which would meet the next page
        route.continue_()
    bobs_page.wait_for_url("**/projects/hello/runs/1/")
    assert Run.objects.count() == 1


def test_everything_works_without_javascript(
    browser: Browser, bob: User, local_target: ComputeTarget, live_server: LiveServer
) -> None:
    context = context_of(browser, bob, live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/projects/hello/")
    page.get_by_role("link", name="Run a script").first.click()
    page.get_by_label("Time limit").fill("soon")
    page.get_by_label("Description").fill("Kept words")
    page.get_by_role("button", name="Add rows").click()
    expect(page.get_by_label("Name of the variable")).to_have_count(6)
    expect(page.get_by_label("Description")).to_have_value("Kept words")
    page.get_by_role("button", name="Run", exact=True).last.click()
    expect(page.get_by_text("Write a time like 90s")).to_be_visible()
    page.get_by_label("Time limit").fill("30m")
    page.get_by_role("button", name="Run", exact=True).last.click()
    page.wait_for_url("**/projects/hello/runs/1/")
    page.goto(f"{live_server.url}/projects/hello/runs/")
    page.get_by_label("State").select_option("active")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("link", name="Run 1", exact=True)).to_be_visible()
    context.close()


def test_the_list_follows_a_run_and_keeps_what_is_ticked(
    bobs_page: Page, live_server: LiveServer, project: Project
) -> None:
    asked: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if asked:
            route.continue_()
        else:
            asked.append(route)

    bobs_page.get_by_role("button", name="Run", exact=True).last.click()
    bobs_page.wait_for_url("**/projects/hello/runs/1/")
    bobs_page.goto(f"{live_server.url}/projects/hello/runs/")
    bobs_page.route(re.compile(r"/runs/\?"), hold_the_first)
    wait_for(lambda: asked or bobs_page.wait_for_timeout(20), "question for news")
    bobs_page.get_by_label("Choose run 1").check()
    bobs_page.locator("#run-rows").evaluate("(rows) => rows.classList.add('is-old')")
    asked[0].continue_()
    expect(bobs_page.locator("#run-rows.is-old")).to_have_count(0)
    expect(bobs_page.get_by_label("Choose run 1")).to_be_checked()
    Run.objects.update(state=State.COMPLETED)
    expect(bobs_page.get_by_text("Completed", exact=True).last).to_be_visible()
    expect(bobs_page.get_by_label("Choose run 1")).to_be_checked()
    expect(bobs_page.locator("#run-rows[hx-trigger]")).to_have_count(0)


@pytest.mark.one_database
@pytest.mark.parametrize("width", [1440, 800])
def test_no_reason_of_a_failure_runs_into_its_neighbour_on_the_dashboard(
    bobs_page: Page, live_server: LiveServer, width: int
) -> None:
    bobs_page.get_by_role("button", name="Run", exact=True).last.click()
    bobs_page.wait_for_url("**/projects/hello/runs/1/")
    bobs_page.set_viewport_size({"width": width, "height": 844})
    for reason in FailureReason:
        Run.objects.update(state=State.FAILED, reason=reason)
        bobs_page.goto(live_server.url)
        line = bobs_page.locator(".run-line").first
        state, name = line.locator(".state").bounding_box(), line.locator(".run-line-name").bounding_box()
        assert state is not None
        assert name is not None
        assert state["x"] + state["width"] < name["x"], reason


@pytest.mark.one_database
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways_or_breaks_a_rule_of_the_browser(
    browser: Browser,
    live_server: LiveServer,
    local_target: ComputeTarget,
    project: Project,
    bob: User,
    width: int,
    scheme: str,
) -> None:
    client = Client()
    client.force_login(bob)
    for key in ("one", "two"):
        sent = {"script": "hello.py", "target": "local", "idempotency_key": key, "description": "long words " * 12}
        client.post("/projects/hello/submit/", sent | {"variables-TOTAL_FORMS": 0, "variables-INITIAL_FORMS": 0})
    context = context_of(browser, bob, live_server.url, viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in PAGES:
        page.goto(live_server.url + address)
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, address
    assert [text for text in said if "404 (Not Found)" not in text] == []
    context.close()
