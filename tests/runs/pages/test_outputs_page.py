"""Outputs: the tree, the looks into files, what was skipped."""

import os

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from runs.models import Output, Run
from runs.output_tree import tree_of
from runs.previews import MOST_BYTES, preview_of
from tests.runs.pages.conftest import AddOutput, SeenBy

HOSTILE = "<img src=x onerror=alert(1)>"


def test_the_tree_sums_what_folders_hold(run: Run) -> None:
    outputs = [Output(run=run, path=path, size_bytes=size) for path, size in (("b", 1), ("a/x/y", 2), ("a/z", 4))]
    rows = tree_of([*outputs, Output(run=run, path="link", skipped="a link")])
    assert [(row.name, row.depth, row.size_bytes) for row in rows] == [
        ("a", 0, 6), ("x", 1, 2), ("y", 2, 2), ("z", 1, 4), ("b", 0, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.png", b"no picture", "picture"),
        ("a.txt", b"text", "text"),
        ("a.csv", b"a,b\n1,2\n", "table"),
        ("a.json", b'{"a": 1}', "text"),
        ("a.html", b"<b>", "text"),
        ("notes", b"plain", "text"),
        ("a.pkl", os.urandom(500), "none"),
        ("a.txt", b"nul \0", "none"),
        ("a.txt", b"\xff\xfe broken", "none"),
        ("a.dat", b"looks like text", "text"),
        ("a.bin", b"\x01\x02\x03\x04", "none"),
        ("empty.csv", b"", "table"),
        ("a.csv", b'"' + b"x" * 200_000, "text"),
    ],
)
def test_each_kind_is_shown_in_its_way(run: Run, add_output: AddOutput, name: str, content: bytes, kind: str) -> None:
    add_output(name, content)
    assert preview_of(run, name).kind == kind


def test_json_is_indented_and_broken_json_is_left_alone(run: Run, add_output: AddOutput) -> None:
    add_output("a.json", b'{"a":[1]}')
    add_output("b.json", b"{" + b"[" * 100_000)
    assert preview_of(run, "a.json").text == '{\n  "a": [\n    1\n  ]\n}'
    assert preview_of(run, "b.json").text.startswith("{[[[")


def test_only_the_beginning_of_a_large_file_is_read(run: Run, add_output: AddOutput) -> None:
    add_output("a.txt", "ü".encode() * MOST_BYTES)
    add_output("a.csv", b"a,b\n" + b"1,2\n" * 1_000)
    text, table = preview_of(run, "a.txt"), preview_of(run, "a.csv")
    assert (text.is_cut, len(text.text)) == (True, MOST_BYTES // 2)
    assert (table.is_cut, len(table.rows), table.head) == (True, 200, ["a", "b"])


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.json", "a.html", "a.svg"])
def test_a_hostile_file_is_shown_as_literal_text(
    run: Run, seen_by: SeenBy, alice: User, add_output: AddOutput, name: str
) -> None:
    add_output(name, HOSTILE.encode())
    page = seen_by(alice).get(reverse("run_outputs", args=["hello", 1]), {"file": name}).content.decode()
    assert HOSTILE not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_a_hostile_name_stays_a_name(run: Run, seen_by: SeenBy, alice: User, add_output: AddOutput) -> None:
    add_output('"><img src=x>&?#.txt', b"fine")
    client = seen_by(alice)
    page = client.get(reverse("run_outputs", args=["hello", 1])).content.decode()
    assert "<img src=x>" not in page
    assert "?file=%22%3E%3Cimg%20src%3Dx%3E%26%3F%23.txt" in page
    shown = client.get(reverse("run_outputs", args=["hello", 1]), {"file": '"><img src=x>&?#.txt'})
    assert "fine" in shown.content.decode()


@pytest.mark.parametrize("asked", ["../log", "missing.txt", "a\0", "skipped"])
def test_a_look_outside_the_outputs_finds_nothing(run: Run, seen_by: SeenBy, alice: User, asked: str) -> None:
    Output.objects.create(run=run, path="skipped", skipped="a symbolic link")
    assert seen_by(alice).get(reverse("run_outputs", args=["hello", 1]), {"file": asked}).status_code == 404


def test_what_was_skipped_is_listed_with_the_reason(run: Run, seen_by: SeenBy, alice: User) -> None:
    Output.objects.create(run=run, path="a-link", skipped="a symbolic link")
    page = seen_by(alice).get(reverse("run_outputs", args=["hello", 1])).content.decode()
    assert "a-link" in page
    assert "a symbolic link" in page
