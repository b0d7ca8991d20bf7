"""Hostile texts end in a problem, whatever reads them; a test that hangs is stopped after ten seconds."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from projects.aml_config.nodes import MapNode
from projects.aml_config.problems import AmlConfigError
from projects.aml_config.reading import (
    read_compute,
    read_conda_dependencies,
    read_run_configuration,
    read_spark_dependencies,
)
from projects.aml_config.strict_yaml import read_document
from tests.projects.aml_config.hostile_texts import REFUSED, TEXTS_WHERE_A_STRING_IS_MEANT

pytestmark = pytest.mark.timeout(60)  # what would take for ever takes longer than that on any machine

READERS = [read_compute, read_run_configuration, read_conda_dependencies, read_spark_dependencies]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_a_hostile_text_gives_an_error_and_no_value(read: Callable[..., Any], text: bytes) -> None:
    value, problems = read("x", text)
    assert value is None
    errors = [problem for problem in problems if problem.severity == "error"]
    assert errors
    for problem in errors:
        assert problem.text.endswith(".")
        assert problem.remedy.endswith(".")
        assert len(problem.text) < 300


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_both_parsers_refuse_it_or_find_no_map(loader: Any, text: bytes) -> None:
    try:
        root = read_document("x", text, loader)
    except AmlConfigError:
        return
    assert not isinstance(root, MapNode)


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
@pytest.mark.parametrize("text", TEXTS_WHERE_A_STRING_IS_MEANT)
def test_both_parsers_keep_a_text_that_looks_like_something_else(loader: Any, text: str) -> None:
    root = read_document("x", f"EnvironmentVariables:\n  A: {text}\n", loader)
    assert isinstance(root, MapNode)
    inner = root.entries[0].value
    assert isinstance(inner, MapNode)
    assert getattr(inner.entries[0].value, "text", None) == text


@pytest.mark.parametrize("text", TEXTS_WHERE_A_STRING_IS_MEANT)
def test_a_text_that_looks_like_something_else_stays_the_text_that_was_written(text: str) -> None:
    configuration, problems = read_run_configuration(
        "x", f"Target: local\nArgumentVector: [$file, {text}]\nEnvironmentVariables:\n  A: {text}\n"
    )
    assert problems == []
    assert configuration is not None
    assert configuration.arguments == (text,)
    assert configuration.environment_variables == {"A": text}


def test_a_byte_order_mark_at_the_beginning_is_dropped() -> None:
    compute, problems = read_compute("x", b"\xef\xbb\xbftype: local\n")
    assert problems == []
    assert compute is not None
    assert compute.given == {"type"}


def test_a_text_object_with_half_a_character_is_refused_with_its_place() -> None:
    _, problems = read_compute("x", "type: local\nkey: \ud800\n")
    assert (problems[0].line, problems[0].column) == (2, 6)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (b"type: local\n\ntype: local\n", 3, 1),
        (b"type: local\nusername: caf\xe9\n", 2, 14),
        (b"type: local\n  \x07\n", 2, 3),
        (b"type: local\naddress: *a\n", 2, 10),
        (b"type: local\naddress: a: b\n", 2, 11),
        (b"type: local\n\taddress: a\n", 2, 1),
        (b'{"type": "local",\n "type": "local"}', 2, 2),
    ],
)
def test_an_error_names_the_line_and_column_where_it_is(text: bytes, line: int, column: int) -> None:
    value, problems = read_compute("x", text)
    assert value is None
    assert [(problem.line, problem.column) for problem in problems] == [(line, column)]


def test_a_file_of_unknown_keys_is_answered_briefly_and_still_says_its_first_error() -> None:
    text = "".join(f"addres{number}: v\n" for number in range(9_000))
    value, problems = read_compute("x", text)
    assert value is None
    assert len(problems) == 102
    assert "not listed" in problems[-2].text
    assert problems[-1].severity == "error"
