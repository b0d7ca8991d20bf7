"""Output that wants to act, or to look like something else: shown as text, or not at all."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from runs.models import Output, Run
from tests.browser.run_page import Watched, pages_address, print_to, printing_run, watched

pytestmark = [pytest.mark.browser, pytest.mark.one_database]
__all__ = ["pages_address", "printing_run", "watched"]

ST = "\x1b\\"
LITERAL = [
    "<script>window.taken = 1</script>",
    '<img src="x" onerror="window.taken = 1">',
    "</textarea></span><svg onload=window.taken=1>",
    "&lt;b&gt; &amp; &#60;",
    "{{ 7 * 7 }} {% load x %}",
]
# What is printed, and what of it may be seen.
COMMANDS = [
    ('\x1b[31"onmouseover="window.taken=1m', 'nmouseover="window.taken=1m'),
    ("\x1b[" + "1;" * 200_000 + "mplain", "plain"),
    ("\x1b[31m" * 50_000 + "red", "red"),
    ("\x1b[38;2;300;-1;999mout of range", "out of range"),
    ("\x1b[38;5;999mout of range", "out of range"),
    ("\x1b[38;2;255;0;0mtrue\x1b[0m", "true"),
    ("\x1b]0;a title\x07window title", "window title"),
    ("\x1b]52;c;d2luZG93\x07clipboard", "clipboard"),
    ("\x1bPq#0;2;0;0;0#1~~@@vv@@~~\x1b\\sixel", "sixel"),
    ("\x9b31mone byte\x9b0m", "one byte"),
    ("\x9d0;title\x9cone byte string", "one byte string"),
    ("before\x1b[2J\x1b[H\x1b[1A\x1b[Kafter", "beforeafter"),
    ("nul \x00 bell \x07 back\x08", "nul  bell  back"),
    ("turned \u202egnp.exe", "turned ⟨U+202E⟩gnp.exe"),
    ("\u2066isolated\u2069", "⟨U+2066⟩isolated⟨U+2069⟩"),
    ("tabs\tstay", "tabs\tstay"),
    ("\x1b]8;;never ended", ""),
    ("\x1b]never ended either", ""),
    ("\x1b[", ""),
    ("still here", "still here"),
]
LINKS = [
    "javascript:window.taken=1", "JaVaScRiPt:window.taken=1", " javascript:window.taken=1",
    "java\tscript:window.taken=1",
    "data:text/html,<script>window.taken=1</script>", "vbscript:x", "file:///etc/passwd", "//host/x", "/relative",
    'https://a/" onmouseover="window.taken=1', "https://a/<script>", "ftp://a/",
]  # fmt: skip


def test_markup_and_commands_of_all_kinds_are_harmless(watched: Watched, printing_run: Run) -> None:
    page = watched.open(printing_run.get_absolute_url())
    expect(page.locator("[data-log-chip]")).to_have_text("Live")
    lines = [*((line, line) for line in LITERAL), *COMMANDS]
    print_to(printing_run, "".join(f"{printed}\x1b[0m\n" for printed, _ in lines).encode())
    expect(page.locator(f"#L{len(lines)} .line-text")).to_have_text("still here")
    shown = [str(text) for text in page.locator("[data-log-lines] .line-text").all_text_contents()]
    assert shown == [seen for _, seen in lines]
    for reload in (False, True):
        if reload:
            page.reload()
            expect(page.locator(f"#L{len(lines)} .line-text")).to_have_text("still here")
        assert page.evaluate("window.taken") is None
        assert page.title().startswith("Run 1 running")
        assert page.locator("[data-log-lines] :is(script, img, svg, [style], [onmouseover])").count() == 0
    expect(page.get_by_text("true", exact=True)).to_have_class("ansi-fg-1")


def test_only_web_links_become_links(watched: Watched, printing_run: Run) -> None:
    page = watched.open(printing_run.get_absolute_url())
    expect(page.locator("[data-log-chip]")).to_have_text("Live")
    printed = [f"\x1b]8;;{link}{ST}refused\x1b]8;;{ST}" for link in LINKS]
    print_to(printing_run, ("\n".join(printed) + "\n").encode())
    print_to(printing_run, f"\x1b]8;id=1;https://docs.example/a?b=c{ST}docs\x1b]8;;{ST} and on\n".encode())
    expect(page.locator(f"#L{len(LINKS) + 1} .line-text")).to_have_text("docs and on")
    links = page.locator("[data-log-lines] .line-text a")
    expect(links).to_have_count(1)
    expect(links).to_have_text("docs")
    expect(links).to_have_attribute("href", "https://docs.example/a?b=c")
    expect(links).to_have_attribute("rel", "noopener noreferrer")
    assert page.locator(".line-text").first.text_content() == "refused"


def test_broken_characters_and_floods_do_no_harm(watched: Watched, printing_run: Run) -> None:
    page = watched.open(printing_run.get_absolute_url())
    expect(page.locator("[data-log-chip]")).to_have_text("Live")
    for byte in "漢🚀\n".encode():
        print_to(printing_run, bytes([byte]))
    expect(page.locator("#L1 .line-text")).to_have_text("漢🚀")
    print_to(printing_run, b"broken \xff\xfe\xc3( end\n" + "\u200b".encode() * 100_000 + b"\nafter\n")
    expect(page.locator("#L4 .line-text")).to_have_text("after")
    assert page.locator("#L2 .line-text").text_content() == "broken \ufffd\ufffd\ufffd( end"


def test_a_command_cut_anywhere_is_the_same_command(watched: Watched, printing_run: Run) -> None:
    page = watched.open("/static/img/favicon.svg")
    text = f"a\x1b[1;31mred\x1b[0m\x1b]8;;https://x.example/{ST}link\x1b]8;;{ST}\x1bP1$r{ST}\x1b(B\x9b32mgreen\rz\n"
    pieces = page.evaluate(
        """async (text) => {
          const { AnsiParser } = await import("/static/js/ansi.js");
          const { LineAssembler } = await import("/static/js/carriage_return.js");
          const read = (...parts) => {
            const [parser, assembler] = [new AnsiParser(), new LineAssembler()];
            return JSON.stringify(parts.flatMap((part) => assembler.add(parser.feed(part))));
          };
          const whole = read(text);
          const cuts = [...text].map((_, at) => read(text.slice(0, at), text.slice(at)));
          return [whole, cuts.every((cut) => cut === whole), read(...text) === whole];
        }""",
        text,
    )
    assert pieces[1:] == [True, True]
    assert '"text":"z"' in pieces[0]


def test_hostile_outputs_do_nothing_in_the_browser(watched: Watched, printing_run: Run) -> None:
    folder = printing_run.folder / "outputs"
    folder.mkdir()
    html = "<!doctype html><script>document.title = 'taken'</script><p>text</p>"
    for name in ("page.txt", "table.csv", "data.json", "page.html"):
        (folder / name).write_text(html)
        Output.objects.create(run=printing_run, path=name, size_bytes=len(html))
    for name in ("page.txt", "table.csv", "data.json", "page.html"):
        page = watched.open(f"{reverse('run_outputs', args=['hello', 1])}?file={name}")
        assert page.title() != "taken"
        expect(page.locator(".split-view")).to_contain_text("document.title")
    for name in ("page.txt", "table.csv", "data.json"):
        page = watched.open(reverse("run_output", args=["hello", 1, name]))
        assert page.title() != "taken"
        assert "<script>" in page.locator("body").inner_text()
