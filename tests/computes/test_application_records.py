"""What a watcher wrote of an application, and what a script may have written there."""

import json
from pathlib import Path

import pytest

from computes.contract import ApplicationFacts
from computes.executors.answers import application_of
from computes.supervisor.files import read_application

WRITTEN = {"id": "app-1", "state": "RUNNING", "is_waiting": True, "why": "no room", "stages": 2, "tasks": 9}


def test_a_record_is_read(tmp_path: Path) -> None:
    (tmp_path / "application.json").write_text(json.dumps(WRITTEN))
    facts = application_of(read_application(str(tmp_path)))
    assert facts == ApplicationFacts("app-1", "", "RUNNING", True, "no room", stages=2, tasks=9)


def test_no_record_is_no_application(tmp_path: Path) -> None:
    assert application_of(read_application(str(tmp_path))) is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"x"', "{" * 5000, '{"id": 1}', json.dumps({**WRITTEN, "why": "x" * 10_000}), "\xff\0"],
)
def test_nonsense_is_no_application(tmp_path: Path, text: str) -> None:
    (tmp_path / "application.json").write_text(text, encoding="latin-1")
    assert application_of(read_application(str(tmp_path))) is None


@pytest.mark.parametrize("value", [-1, 1 << 70, "many", [], float("nan")])
def test_a_number_that_is_none_is_refused(value: object) -> None:
    assert application_of({**WRITTEN, "tasks": value}) is None


def test_texts_are_short_and_plain() -> None:
    facts = application_of({**WRITTEN, "id": "a\n" * 200, "why": "\x1b[31m" + "x" * 900})
    assert facts is not None
    assert len(facts.id) == 100
    assert "\n" not in facts.id
    assert len(facts.why) <= 500
    assert "\x1b" not in facts.why


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(json.dumps(WRITTEN))
    (tmp_path / "application.json").symlink_to(tmp_path / "elsewhere")
    assert read_application(str(tmp_path)) is None
