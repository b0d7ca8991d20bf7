"""The run page in a real browser: live state and metrics, light and dark, narrow and wide, keyboard."""

import re
import time

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from runs.models import LatestMetric, MetricPoint, Output, Run, RunEvent
from runs.status import FailureReason, State
from tests.browser.run_page import Watched, end_run, pages_address, printing_run, watched
from tests.browser.signing_in import context_of
from tests.computes.on_targets import wait_for

pytestmark = pytest.mark.browser
__all__ = ["pages_address", "printing_run", "watched"]
TABS = ["run", "run_metrics", "run_outputs", "run_code", "run_configuration", "run_environment", "run_events"]


def log_metric(run: Run, step: int, value: float) -> None:
    """Store a point as the controller would."""
    MetricPoint.objects.create(run=run, name="loss", step=step, time=time.time(), value=value)
    facts = {"step": step, "time": time.time(), "value": value, "lowest": 0.1, "highest": 1.0, "points": step + 1}
    LatestMetric.objects.update_or_create(run=run, name="loss", defaults=facts)


def test_state_and_reason_change_without_a_reload(watched: Watched, printing_run: Run) -> None:
    page = watched.open(printing_run.get_absolute_url())
    expect(page.locator("[data-log-chip]")).to_have_text("Live")
    page.evaluate("window.wasNotReloaded = true")
    Run.objects.update(reason=FailureReason.OUT_OF_MEMORY, exit_signal=9)
    end_run(printing_run, State.FAILED)
    expect(page.locator("#run-status")).to_contain_text("Out of memory")
    expect(page.locator("#run-status")).to_contain_text("Use smaller batches")
    expect(page.locator(".phase-failed")).to_be_visible()
    assert page.evaluate("window.wasNotReloaded")


def test_a_run_can_be_archived_as_soon_as_it_has_ended_without_a_reload(watched: Watched, printing_run: Run) -> None:
    page = watched.open(printing_run.get_absolute_url())
    expect(page.locator("[data-log-chip]")).to_have_text("Live")
    expect(page.locator(".archive-action")).to_be_hidden()
    expect(page.locator(".cancel-action")).to_be_visible()
    end_run(printing_run)
    expect(page.locator(".cancel-action")).to_be_hidden()
    page.locator(".archive-action summary").click()
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("The run is archived")).to_be_visible()
    assert Run.objects.get().is_archived


def end_with_an_output(run: Run) -> None:
    """End a run that has left an output."""
    (run.folder / "outputs").mkdir()
    Output.objects.create(run=run, path="model.pkl", size_bytes=7)
    end_run(run)


def test_outputs_appear_on_their_open_tab_when_the_run_ends(watched: Watched, printing_run: Run) -> None:
    told: list[str | bytes] = []
    watched.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: told.append(frame)))
    page = watched.open(reverse("run_outputs", args=["hello", 1]))
    expect(page.get_by_text("No outputs yet")).to_be_visible()
    expect(page.locator("#run-status")).to_contain_text("alive")
    wait_for(lambda: told or page.wait_for_timeout(20), "first word about the state")
    end_with_an_output(printing_run)
    expect(page.locator(".tree-name")).to_have_text("model.pkl")
    expect(page.locator(".tabs .count")).to_have_text("1")


def test_outputs_appear_when_the_run_ends_before_the_socket_is_open(watched: Watched, printing_run: Run) -> None:
    def end_first(route: WebSocketRoute) -> None:
        end_with_an_output(printing_run)
        route.connect_to_server()

    watched.page.route_web_socket(re.compile("/ws/"), end_first)
    page = watched.open(reverse("run_outputs", args=["hello", 1]))
    expect(page.locator(".tree-name")).to_have_text("model.pkl")
    expect(page.locator(".tabs .count")).to_have_text("1")


def test_metrics_come_live_as_numbers_and_charts(watched: Watched, printing_run: Run) -> None:
    with watched.page.expect_websocket():
        page = watched.open(reverse("run_metrics", args=["hello", 1]))
    expect(page.get_by_text("No metrics yet")).to_be_visible()
    for step in range(4):
        log_metric(printing_run, step, 1 / (step + 1))
    row = page.locator('tr[data-metric="loss"]')
    expect(row.locator("[data-latest]")).to_have_text("0.25")
    expect(row.locator("[data-highest]")).to_have_text("1")
    expect(row.locator("[data-points]")).to_have_text("4")
    expect(page.locator('[data-chart="loss"] canvas')).to_be_visible()
    expect(page.locator("[data-no-metrics]")).not_to_be_attached()
    log_metric(printing_run, 4, 0.125)
    expect(page.locator('[data-chart="loss"] [data-chart-value]')).to_have_text("0.125")


def test_metrics_that_were_there_before_are_not_counted_twice(watched: Watched, printing_run: Run) -> None:
    for step in range(5):
        log_metric(printing_run, step, 1.0)
    with watched.page.expect_websocket():
        page = watched.open(reverse("run_metrics", args=["hello", 1]))
    expect(page.locator('[data-chart="loss"] canvas')).to_be_visible()
    log_metric(printing_run, 5, 0.5)
    expect(page.locator("[data-latest]")).to_have_text("0.5")
    expect(page.locator("[data-points]")).to_have_text("6")


def theme(page: Page) -> str:
    """Return which theme is painted."""
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return "dark" if max(map(int, re.findall(r"\d+", ground)[:3])) < 60 else "light"


@pytest.mark.one_database
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_until_the_reader_chooses(
    browser: Browser, pages_address: str, printing_run: Run, alice: User, scheme: str
) -> None:
    other = "dark" if scheme == "light" else "light"
    context = context_of(browser, alice, pages_address, color_scheme=scheme)
    page = context.new_page()
    page.goto(pages_address + printing_run.get_absolute_url())
    assert theme(page) == scheme
    page.get_by_role("button", name="Switch between light and dark").click()
    assert theme(page) == other
    served = context.request.get(pages_address + printing_run.get_absolute_url()).text()
    assert f'<html lang="en" data-bs-theme="{other}">' in served
    page.reload()
    assert theme(page) == other
    page.get_by_role("button", name="Switch between light and dark").click()
    assert theme(page) == scheme
    assert "amlweb_theme" not in {cookie["name"] for cookie in context.cookies()}
    context.close()


@pytest.mark.one_database
@pytest.mark.parametrize("width", [360, 800, 1440])
def test_no_tab_scrolls_sideways(watched: Watched, printing_run: Run, width: int) -> None:
    (printing_run.folder / "log").write_bytes(b"x" * 3_000 + b"\n" + b"word " * 600 + b"\n")
    Run.objects.update(description="d" * 300, script="a/" * 100 + "b.py", wait_reason="w" * 200)
    Output.objects.create(run=printing_run, path="p" * 300 + "/" + "q" * 300, skipped="s" * 200)
    RunEvent.objects.create(run=printing_run, kind="note", text="n" * 400)
    watched.page.set_viewport_size({"width": width, "height": 800})
    for tab in TABS:
        page = watched.open(reverse(tab, args=["hello", 1]))
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, tab


@pytest.mark.one_database
def test_menus_work_by_keyboard_and_close_on_escape(watched: Watched, printing_run: Run) -> None:
    page = watched.open(printing_run.get_absolute_url())
    page.locator(".cancel-action summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Cancel the run")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Cancel the run")).to_be_hidden()
    expect(page.locator(".cancel-action summary")).to_be_focused()


@pytest.mark.one_database
def test_every_control_has_a_name_and_every_id_is_unique(watched: Watched, printing_run: Run) -> None:
    for tab in TABS:
        page = watched.open(reverse(tab, args=["hello", 1]))
        nameless = page.evaluate(
            """() => [...document.querySelectorAll("button, a[href], input:not([type=hidden]), summary")]
              .filter((one) => !one.hidden && !one.textContent.trim())
              .filter((one) => !one.getAttribute("aria-label") && !one.labels?.length)
              .map((one) => one.outerHTML.slice(0, 120))"""
        )
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
        assert nameless == [], tab
        assert len(ids) == len(set(ids)), tab
