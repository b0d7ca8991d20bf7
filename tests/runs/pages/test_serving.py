"""Outputs and logs are sent so that none of them can act in a browser, and nothing outside the run is reached."""

import os
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.urls import reverse

from runs.models import Output, Run
from runs.run_folder_files import open_beneath
from tests.runs.pages.conftest import AddOutput, SeenBy

HTML = b"<script>document.title = 'taken'</script>"
DOWNLOADED = [
    "a.html", "a.htm", "a.xhtml", "a.svg", "a.xml", "a.pdf", "a.mhtml", "a.shtml", "a.js", "a.mjs", "a.swf", "a.wasm",
    "a.ipynb", "no-suffix", "a.png.html", "a.HTML", "a.txt ", "a.txt.",
]  # fmt: skip
SHOWN = {
    "a.png": "image/png", "a.JPG": "image/jpeg", "a.gif": "image/gif", "a.webp": "image/webp",
    "a.txt": "text/plain; charset=utf-8", "a.html.txt": "text/plain; charset=utf-8",
    "a.csv": "text/plain; charset=utf-8", "a.json": "text/plain; charset=utf-8",
}  # fmt: skip


def body(answer: HttpResponse) -> bytes:
    """Return the whole body of a streamed answer."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]


def address_of(path: str) -> str:
    """Return where an output is sent from."""
    return reverse("run_output", args=["hello", 1, path])


@pytest.mark.parametrize("path", DOWNLOADED)
def test_a_file_that_could_act_is_downloaded(
    run: Run, seen_by: SeenBy, alice: User, add_output: AddOutput, path: str
) -> None:
    add_output(path, HTML)
    answer = seen_by(alice).get(address_of(path))
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert body(answer) == HTML


@pytest.mark.parametrize("path", SHOWN)
def test_a_harmless_file_is_shown_as_what_its_name_says(
    run: Run, seen_by: SeenBy, alice: User, add_output: AddOutput, path: str
) -> None:
    add_output(path, HTML)
    answer = seen_by(alice).get(address_of(path))
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["Content-Type"] == SHOWN[path]


def test_every_output_is_sealed(run: Run, seen_by: SeenBy, alice: User, add_output: AddOutput) -> None:
    add_output("a.txt", HTML)
    answer = seen_by(alice).get(address_of("a.txt"))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert seen_by(alice).get(address_of("a.txt"), {"download": "1"})["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("a\r\nSet-Cookie: x=1.txt", 'inline; filename="a__Set-Cookie: x=1.txt"'),
        ('a"; filename=evil.exe.txt', 'inline; filename="a\\"; filename=evil.exe.txt"'),
        ("zahl ü 漢.txt", "inline; filename*=utf-8''zahl%20%C3%BC%20%E6%BC%A2.txt"),
        ("a\u202etxt.exe", 'attachment; filename="a_txt.exe"'),
        ("folder/a b.txt", 'inline; filename="a b.txt"'),
    ],
)
def test_names_of_any_kind_stay_names(
    run: Run, seen_by: SeenBy, alice: User, add_output: AddOutput, path: str, says: str
) -> None:
    add_output(path, b"x")
    answer = seen_by(alice).get(address_of(path))
    assert (answer.status_code, answer["Content-Disposition"]) == (200, says)
    assert "Set-Cookie" not in answer


@pytest.mark.parametrize(
    "path",
    ["..", "../log", "%2e%2e/log", "..%2flog", "%252e%252e%252flog", "..;/log", "\\..\\log", "/etc/passwd", "//host/x",
     "file:///etc/passwd", "a.txt%00.png", "A.TXT", "a.txt/", "./a.txt", "a.txt ", "x" * 4097],
)  # fmt: skip
def test_no_spelling_of_a_path_leads_elsewhere(
    run: Run, seen_by: SeenBy, alice: User, add_output: AddOutput, path: str
) -> None:
    add_output("a.txt", b"mine")
    base = reverse("run_outputs", args=["hello", 1])
    assert seen_by(alice).get(base + path).status_code in (301, 404)


@pytest.mark.parametrize("path", ["..", "../x", "a/../x", "/x", "a//x", "", ".", "a/.", "x\0", "x" * 5000])
def test_only_plain_names_are_opened(tmp_path: Path, path: str) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(FileNotFoundError):
        open_beneath(tmp_path, path)


def test_links_folders_and_pipes_are_never_opened(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    inside = tmp_path / "outputs"
    (inside / "real").mkdir(parents=True)
    (inside / "real" / "file").write_text("fine")
    (inside / "link").symlink_to(tmp_path / "secret")
    (inside / "linked").symlink_to(inside / "real")
    os.mkfifo(inside / "pipe")
    for path in ("link", "linked/file", "pipe", "real", "missing"):
        with pytest.raises(FileNotFoundError):
            open_beneath(inside, path)
    assert b"".join(open_beneath(inside, "real/file")) == b"fine"


def test_what_was_not_collected_is_not_sent(run: Run, seen_by: SeenBy, alice: User, add_output: AddOutput) -> None:
    add_output("a.txt", b"x")
    Output.objects.update(skipped="too large")
    assert seen_by(alice).get(address_of("a.txt")).status_code == 404
    (run.folder / "outputs" / "unlisted.txt").write_text("x")
    assert seen_by(alice).get(address_of("unlisted.txt")).status_code == 404


def test_ranges_give_parts(run: Run, seen_by: SeenBy, alice: User, add_output: AddOutput) -> None:
    etag = f'"{add_output("a.bin", b"0123456789").sha256}"'
    client, address = seen_by(alice), address_of("a.bin")
    part = client.get(address, headers={"Range": "bytes=2-4"})
    assert (part.status_code, body(part), part["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    assert part["Content-Length"] == "3"
    beyond = client.get(address, headers={"Range": "bytes=10-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, "bytes */10")
    same = client.get(address, headers={"Range": "bytes=2-4", "If-Range": etag})
    other = client.get(address, headers={"Range": "bytes=2-4", "If-Range": '"old"'})
    assert (same.status_code, other.status_code, body(other)) == (206, 200, b"0123456789")


def test_a_log_is_sent_as_it_is(run: Run, seen_by: SeenBy, alice: User) -> None:
    hostile = b"<script>1</script>\x1b[31m\xff\x00\r\n"
    (run.folder / "log").write_bytes(hostile)
    client, address = seen_by(alice), reverse("run_raw_log", args=["hello", 1])
    answer = client.get(address)
    assert (answer["Content-Type"], body(answer)) == ("text/plain; charset=utf-8", hostile)
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert body(client.get(address, {"stream": "system"})) == b"placed the code\n"
    assert body(client.get(address, headers={"Range": "bytes=1-6"})) == b"script"
    assert client.get(address, {"stream": "../log"}).status_code == 404
    (run.folder / "log").unlink()
    assert body(client.get(address)) == b""
