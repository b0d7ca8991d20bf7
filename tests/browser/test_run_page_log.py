"""The live log in a real browser: every byte once, follow that yields, search, permalinks, windows."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from runs.models import Run, RunEvent
from runs.status import FailureReason, State
from tests.browser.run_page import Watched, end_run, pages_address, print_to, printing_run, watched
from tests.browser.signing_in import context_of

pytestmark = pytest.mark.browser
__all__ = ["pages_address", "printing_run", "watched"]


def texts(page: Page) -> list[str]:
    """Return the text of each line that the page holds."""
    return [str(text) for text in page.locator("[data-log-lines] .line-text").all_text_contents()]


def open_live(watched: Watched, run: Run, query: str = "") -> Page:
    """Open a run's page and wait until its socket is open."""
    page = watched.open(run.get_absolute_url() + query)
    expect(page.locator("[data-log-chip]")).to_have_text("Live")
    return page


def test_lines_appear_as_they_are_printed(watched: Watched, printing_run: Run) -> None:
    print_to(printing_run, b"before\n")
    page = open_live(watched, printing_run)
    print_to(printing_run, b"\x1b[1;32mgreen\x1b[0m after\nhalf a ")
    expect(page.locator("#L3 .line-text")).to_have_text("half a ")
    print_to(printing_run, b"line\n")
    expect(page.locator("#L3 .line-text")).to_have_text("half a line")
    assert texts(page) == ["before", "green after", "half a line"]
    expect(page.locator("#L2 .ansi-fg-2.ansi-bold")).to_have_text("green")


def test_the_log_of_a_build_can_be_chosen_as_soon_as_it_has_begun(watched: Watched, printing_run: Run) -> None:
    Run.objects.update(state=State.QUEUED, running_at=None)
    page = open_live(watched, printing_run)
    expect(page.get_by_role("link", name="Build", exact=True)).to_have_count(0)
    (printing_run.folder / "build.log").write_bytes(b"solving\n")
    Run.objects.update(state=State.PREPARING, wait_reason="building the environment")
    RunEvent.objects.create(run=printing_run, kind="state", to_state=State.PREPARING)
    page.get_by_role("link", name="Build", exact=True).click()
    expect(page.locator("#L1 .line-text")).to_have_text("solving")


@pytest.mark.one_database
def test_a_short_log_below_the_window_is_as_high_as_its_lines(watched: Watched, printing_run: Run) -> None:
    print_to(printing_run, b"one\ntwo\nthree\n")
    watched.page.set_viewport_size({"width": 390, "height": 300})
    page = open_live(watched, printing_run)
    expect(page.locator("#L3 .line-text")).to_have_text("three")
    scroll = page.locator("[data-log-scroll]")
    assert float(scroll.evaluate("box => box.getBoundingClientRect().top")) > 300, "it is not in view"
    assert scroll.evaluate("box => [box.scrollTop, box.scrollHeight - box.clientHeight]") == [0, 0]


@pytest.mark.one_database
def test_a_progress_bar_is_seen_in_its_last_state_only(watched: Watched, printing_run: Run) -> None:
    page = open_live(watched, printing_run)
    for percent in range(0, 101, 10):
        print_to(printing_run, f"\r{percent}%".encode())
    expect(page.locator("#L1 .line-text")).to_have_text("100%")
    print_to(printing_run, b"\r" + b"x\r" * 100_000 + b"done\r\nnext\n")
    expect(page.locator("#L2 .line-text")).to_have_text("next")
    assert texts(page) == ["done", "next"]


def test_a_viewer_whose_socket_is_cut_again_and_again_sees_every_byte_once(watched: Watched, printing_run: Run) -> None:
    cuts = []

    def cut(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            route.send(message)
            if '"log"' in str(message) and len(cuts) < 4:
                cuts.append(1)
                route.close(code=1011)
                server.close()

        server.on_message(pass_on)

    watched.page.route_web_socket(re.compile("/ws/"), cut)
    page = watched.open(printing_run.get_absolute_url())
    for part in range(6):
        print_to(printing_run, "".join(f"línea {part}-{n} ü漢🚀\n" for n in range(50)).encode())
        expect(page.locator(f"#L{50 * (part + 1)}")).to_be_attached()
    assert texts(page) == [f"línea {part}-{n} ü漢🚀" for part in range(6) for n in range(50)]
    assert len(cuts) == 4


def test_a_log_that_the_script_truncated_begins_anew(watched: Watched, printing_run: Run) -> None:
    print_to(printing_run, b"old\n" * 50)
    page = open_live(watched, printing_run)
    (printing_run.folder / "log").write_bytes(b"new\n")
    expect(page.locator("#L1 .line-text")).to_have_text("new")
    expect(page.locator("#L2")).not_to_be_attached()
    assert texts(page) == ["new"]


@pytest.mark.one_database
def test_follow_yields_to_scrolling_and_says_how_much_came(watched: Watched, printing_run: Run) -> None:
    print_to(printing_run, b"".join(b"line %d\n" % n for n in range(400)))
    page = open_live(watched, printing_run)
    expect(page.locator("#L400")).to_be_in_viewport()
    page.locator("[data-log-scroll]").hover()
    page.mouse.wheel(0, -2_000)
    expect(page.locator("[data-log-follow]")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#L400")).not_to_be_in_viewport()
    print_to(printing_run, b"news\n" * 30)
    expect(page.locator("[data-log-latest]")).to_have_text("Jump to latest (30 new)")
    expect(page.locator("#L430")).not_to_be_in_viewport()
    page.locator("[data-log-latest]").click()
    expect(page.locator("#L430")).to_be_in_viewport()
    print_to(printing_run, b"more\n" * 30)
    expect(page.locator("#L460")).to_be_in_viewport()


@pytest.mark.one_database
def test_the_end_is_held_where_long_lines_wrap(watched: Watched, printing_run: Run) -> None:
    print_to(printing_run, b"".join(b"line %d " % n + b"word " * 40 + b"\n" for n in range(1_000)))
    watched.page.set_viewport_size({"width": 390, "height": 844})
    Run.objects.update(failure_excerpt="x\n" * 40, reason=FailureReason.SCRIPT_FAILED)
    end_run(printing_run, State.FAILED)
    page = watched.open(printing_run.get_absolute_url())
    expect(page.locator("[data-log-chip]")).to_have_text("Ended")
    expect(page.locator("[data-log-scroll]")).not_to_be_in_viewport()
    page.mouse.wheel(0, 3_000)
    expect(page.locator("#L1000")).to_be_in_viewport()


@pytest.mark.one_database
def test_the_page_holds_at_most_five_thousand_lines_of_a_flood(watched: Watched, printing_run: Run) -> None:
    page = open_live(watched, printing_run)
    for part in range(20):
        print_to(printing_run, b"".join(b"flood %d\n" % (part * 3_000 + n) for n in range(3_000)))
    expect(page.locator("#L60000 .line-text")).to_have_text("flood 59999")
    numbers = page.locator("[data-log-lines] .line-number").all_text_contents()
    assert len(numbers) <= 5_100
    assert [int(number) for number in numbers] == list(range(60_001 - len(numbers), 60_001))


@pytest.mark.one_database
def test_keys_and_search(watched: Watched, printing_run: Run) -> None:
    print_to(printing_run, b"".join(b"needle\n" if n % 100 == 7 else b"hay\n" for n in range(500)))
    page = open_live(watched, printing_run)
    page.keyboard.press("g")
    expect(page.locator("#L1")).to_be_in_viewport()
    page.keyboard.press("Shift+G")
    expect(page.locator("#L500")).to_be_in_viewport()
    page.keyboard.press("/")
    page.keyboard.type("NEEDLE")
    expect(page.locator("[data-log-search] output")).to_have_text("5 of 5")
    expect(page.locator("#L408")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("[data-log-search] output")).to_have_text("1 of 5")
    page.locator("[data-log-scroll]").focus()
    page.keyboard.press("n")
    expect(page.locator("#L108")).to_have_class(re.compile("is-found"))
    page.keyboard.press("Shift+N")
    expect(page.locator("#L8")).to_be_in_viewport()
    page.keyboard.press("f")
    expect(page.locator("#L500")).to_be_in_viewport()
    page.keyboard.press("w")
    expect(page.locator("[data-log-wrap]")).to_have_attribute("aria-pressed", "false")


@pytest.mark.one_database
def test_a_permalink_opens_its_line(watched: Watched, printing_run: Run) -> None:
    print_to(printing_run, b"".join(b"line %d\n" % n for n in range(1, 4_001)))
    page = watched.open(f"{printing_run.get_absolute_url()}?line=1500#L1500")
    expect(page.locator("#L1500")).to_be_in_viewport()
    expect(page.locator("#L1500 .line-text")).to_have_text("line 1500")
    expect(page.locator("[data-log-latest]")).to_be_hidden()
    page.get_by_role("link", name="Later lines").click()
    expect(page.locator("#L2450")).to_be_attached()
    page.get_by_role("link", name="End of the log").click()
    expect(page.locator("#L4000")).to_be_in_viewport()


@pytest.mark.one_database
def test_very_long_lines_are_clamped_and_can_be_opened(watched: Watched, printing_run: Run) -> None:
    page = open_live(watched, printing_run)
    print_to(printing_run, b"a" * 150_000 + b"\nshort\n")
    expect(page.locator("#L2 .line-text")).to_have_text("short")
    assert len(page.locator("#L1 .line-text").text_content() or "") < 2_100
    page.get_by_role("button", name="show 98,000 more characters").click()
    expect(page.locator("#L1")).to_contain_text("50,000 more characters in the raw log")


def test_the_end_of_the_run_ends_the_page_s_life(watched: Watched, printing_run: Run) -> None:
    page = open_live(watched, printing_run)
    expect(page.locator(".cancel-action")).to_be_visible()
    print_to(printing_run, b"last words")
    end_run(printing_run, State.CANCELED)
    expect(page.locator("#run-status .state").first).to_have_text("Canceled")
    expect(page.locator("[data-log-chip]")).to_have_text("Ended")
    expect(page.locator(".cancel-action")).to_be_hidden()
    expect(page).to_have_title(re.compile("^Run 1 canceled"))
    expect(page.locator("#L1 .line-text")).to_have_text("last words")
    assert texts(page) == ["last words"]


def test_the_system_log_grows_on_its_page(watched: Watched, printing_run: Run) -> None:
    system = printing_run.folder / "system.log"
    system.write_text("placed the code\n")
    refused: list[int] = []
    watched.page.on("response", lambda reply: refused.append(reply.status) if reply.status >= 400 else None)
    page = watched.open(f"{printing_run.get_absolute_url()}?stream=system")
    expect(page.locator("#L1 .line-text")).to_have_text("placed the code")
    for number in (2, 3):
        with page.expect_response(lambda reply: "stream=system" in reply.url):
            pass  # it looks and finds nothing new
        with system.open("a") as log:
            log.write(f"started the program for the {number}. time\n")
        expect(page.locator(f"#L{number} .line-text")).to_have_text(f"started the program for the {number}. time")
    assert texts(page) == [
        "placed the code",
        "started the program for the 2. time",
        "started the program for the 3. time",
    ]
    assert refused == []


def test_the_page_is_complete_without_javascript(
    browser: Browser, pages_address: str, printing_run: Run, alice: User
) -> None:
    print_to(printing_run, b"".join(b"\x1b[31mline %d\x1b[0m\n" % n for n in range(1, 1_501)))
    context = context_of(browser, alice, pages_address, java_script_enabled=False)
    page = context.new_page()
    page.goto(pages_address + printing_run.get_absolute_url())
    expect(page.locator("#L1500 .line-text")).to_have_text("line 1500")
    expect(page.locator("[data-log-follow]")).to_be_hidden()
    page.get_by_role("link", name="Earlier lines").click()
    expect(page.locator("#L1 .line-text")).to_have_text("line 1")
    page.get_by_text("Cancel", exact=True).click()
    expect(page.get_by_role("button", name="Cancel the run")).to_be_visible()
    context.close()
