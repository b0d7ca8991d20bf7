"""The strict reader: where its limits are, and that each refusal says its own reason."""

from typing import Any

import pytest
import yaml

from projects.aml_config.nodes import plain_value_of
from projects.aml_config.problems import AmlConfigError
from projects.aml_config.strict_yaml import read_document
from tests.projects.aml_config.hostile_texts import REFUSED

both_parsers = pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])

REASONS = {
    "alias bomb": "more than 20,000 values",
    "alias bomb with few aliases": "more than 20,000 values",
    "alias tower": "nested more than 50 deep",
    "python object": "Tags",
    "python name": "Tags",
    "5,000 opening brackets": "nested more than 50 deep",
    "1,300 nested maps": "nested more than 50 deep",
    "2,000 nested JSON maps": "nested more than 50 deep",
    "duplicate keys": "second time; the first is in line 1",
    "two documents": "second document",
    "tab indent": "tab",
    "escaped NUL": "NUL",
    "NUL byte": "U+0000",
    "bell character": "U+0007",
    "merge-key bomb": "Merge keys",
    "self-reference": "part of",
    "list as key": "must be a name",
    "map as key": "must be a name",
    "null as key": "must be a name",
    "bad binary": "Tags",
    "set": "Tags",
    "undefined alias": "refers to nothing",
    "latin-1 bytes": "0xE9",
    "UTF-16": "UTF-16",
    "UTF-16 without a mark": "UTF-16",
    "UTF-32": "UTF-32",
    "10 MB comment": "larger than 1,000,000 bytes",
    "1 MB of tag directives": "directive",
    "1 MB of commas": "more than 20,000 values",
}


def refusal_of(text: bytes | str, loader: Any = yaml.CSafeLoader) -> str:
    with pytest.raises(AmlConfigError) as caught:
        read_document("x", text, loader)
    return caught.value.problem.text


@both_parsers
@pytest.mark.parametrize(("name", "words"), REASONS.items(), ids=REASONS.keys())
def test_a_refusal_says_its_own_reason(loader: Any, name: str, words: str) -> None:
    assert words in refusal_of(REFUSED[name], loader)


@both_parsers
def test_fifty_levels_are_read_and_one_more_is_not(loader: Any) -> None:
    assert read_document("x", "[" * 50 + "]" * 50, loader) is not None
    assert "50 deep" in refusal_of("[" * 51 + "]" * 51, loader)


@both_parsers
def test_fifty_aliases_are_read_and_one_more_is_not(loader: Any) -> None:
    root = read_document("x", "a: &a [x, y]\nb: [" + "*a, " * 50 + "]\n", loader)
    assert root is not None
    assert plain_value_of(root) == {"a": ["x", "y"], "b": [["x", "y"]] * 50}
    assert "50 aliases" in refusal_of("a: &a b\nb: [" + "*a, " * 51 + "]\n", loader)


@both_parsers
def test_json_reads_with_tabs_escapes_and_characters_beyond_the_first_plane(loader: Any) -> None:
    root = read_document("x", '{\r\n\t"a": [1.10, "\\ud83d\\ude00 \\\\ud83d \\/ \\t"],\n \t "b": null}', loader)
    assert root is not None
    assert plain_value_of(root) == {"a": ["1.10", "😀 \\ud83d / \t"], "b": None}


@both_parsers
def test_places_are_offsets_into_the_text(loader: Any) -> None:
    text = "é: 'ü'  # c\nlist:\n  - a\n  - b # c\n\nlast: {x: [y]}\n"
    root = read_document("x", text, loader)
    assert root is not None
    found = [text[entry.value.place.start : entry.value.place.end] for entry in getattr(root, "entries", ())]
    assert found == ["'ü'", "- a\n  - b", "{x: [y]}"]


def test_a_text_tag_makes_any_value_a_text_and_quotes_make_null_one() -> None:
    root = read_document("x", "a: !!str null\nb: 'null'\nc: null\nd:\n")
    assert root is not None
    assert plain_value_of(root) == {"a": "null", "b": "null", "c": None, "d": None}
