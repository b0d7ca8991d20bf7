"""The log on the server's page: plain text, windows, permalinks."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from runs.log_page import log_view
from runs.models import Run
from runs.plain_text import clamp, plain_line
from runs.status import State
from tests.runs.pages.conftest import SeenBy


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("\x1b[1;31mred\x1b[0m text", "red text"),
        ("10%\r50%\r100%", "100%"),
        ("windows line\r", "windows line"),
        ("\x1b]0;title\x07shown", "shown"),
        ("\x1b]8;;javascript:alert(1)\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x1bPq#0;2;0;0;0\x1b\\after", "after"),
        ("\x9b31mC1\x9b0m", "C1"),
        ("\x1b]52;c;never ended", ""),
        ("\x1b[2J\x1b[Hcleared", "cleared"),
        ("a\x00b\x07c\x08d", "abcd"),
        ("\ttab stays", "\ttab stays"),
        ("\x1b[" + "1;" * 50_000, ""),
        ("<b>&lt;", "<b>&lt;"),
    ],
)
def test_a_line_loses_its_terminal_commands(line: str, plain: str) -> None:
    assert plain_line(line) == plain


def test_a_very_long_line_is_clamped() -> None:
    assert clamp("x" * 5_000) == ("x" * 2_000, 3_000)


def write_lines(run: Run, count: int) -> None:
    """Write numbered lines into a run's log."""
    (run.folder / "log").write_text("".join(f"line {number}\n" for number in range(1, count + 1)))


def test_the_end_of_the_log_is_shown_first(run: Run) -> None:
    write_lines(run, 2_500)
    view = log_view(run, "log", "")
    assert (view.lines[0].number, view.lines[-1].number, view.lines[-1].text) == (1_501, 2_500, "line 2500")
    assert view.is_at_end
    assert view.later_line is None


def test_earlier_and_later_windows_join_without_a_gap(run: Run) -> None:
    write_lines(run, 2_500)
    last = log_view(run, "log", "")
    earlier = log_view(run, "log", str(last.earlier_line))
    assert (earlier.lines[0].number, earlier.lines[-1].number) == (501, 1_500)
    assert log_view(run, "log", str(earlier.later_line)).lines[0].number == 1_501
    assert log_view(run, "log", str(earlier.earlier_line)).lines[0].number == 1


@pytest.mark.parametrize("asked", ["0", "-1", "x", "１２", "9" * 400, "0" * 18 + "9" * 5000, "1e3", ""])
def test_nonsense_for_a_line_means_the_end(run: Run, asked: str) -> None:
    write_lines(run, 20)
    assert log_view(run, "log", asked).asked_line is None


def test_a_permalink_shows_its_line_as_literal_text(run: Run, seen_by: SeenBy, alice: User) -> None:
    (run.folder / "log").write_text("x\n" * 3_000 + "<script>alert(1)</script>\n" + "y\n" * 3_000)
    page = seen_by(alice).get(run.get_absolute_url(), {"line": "3001"}).content.decode()
    assert 'id="L3001"' in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert 'href="?line=3001#L3001"' in page
    assert "Earlier lines" in page
    assert "Later lines" in page


def test_our_own_log_is_beside_it(run: Run, seen_by: SeenBy, alice: User) -> None:
    client = seen_by(alice)
    assert "placed the code" in client.get(run.get_absolute_url(), {"stream": "system"}).content.decode()
    assert client.get(run.get_absolute_url(), {"stream": "else"}).status_code == 404


def test_a_run_that_printed_nothing_says_so(run: Run, seen_by: SeenBy, alice: User) -> None:
    (run.folder / "log").unlink()
    assert "Nothing printed yet" in seen_by(alice).get(run.get_absolute_url()).content.decode()


def test_of_a_run_that_never_started_nothing_is_expected_any_more(run: Run, seen_by: SeenBy, alice: User) -> None:
    (run.folder / "log").write_bytes(b"")
    run.state, run.reason, run.running_at, run.last_contact_at = State.FAILED, "preparation_failed", None, None
    run.save()
    page = seen_by(alice).get(run.get_absolute_url()).content.decode()
    assert page.count("The script was never started.") == 2, "above, and in place of the log"
    assert "none yet" not in page
    page = seen_by(alice).get(reverse("run_environment", args=["hello", 1])).content.decode()
    assert page.count("not known") == 2
    assert "yet" not in page.partition('id="run-tab"')[2]
