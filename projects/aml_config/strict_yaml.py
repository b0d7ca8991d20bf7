"""A strict reader of YAML and JSON texts: one document, no surprises, bounded time and memory.

PyYAML makes the events (libyaml where it is built in); nothing is constructed from a tag and no scalar is converted.
What is refused stands in `source_text` and `node_builder`. Depth is counted on the event stream.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from projects.aml_config.node_builder import NodeBuilder
from projects.aml_config.nodes import Node
from projects.aml_config.problems import AmlConfigError
from projects.aml_config.source_text import checked_text
from projects.aml_config.yaml_errors import problem_of

_JSON_START = re.compile(r'\s*\{\s*"')
_SURROGATE_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)

FASTEST_LOADER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def read_document(file: str, source: bytes | str, loader: Any = FASTEST_LOADER) -> Node | None:
    """Return what the one document of a file says, None when it says nothing. Raises AmlConfigError.

    Offsets in the result count in `parsed_text(file, source)`.
    """
    text = parsed_text(file, source)
    if _JSON_START.match(text):
        text = _INDENTATION.sub(lambda blank: " " * len(blank[0]), text)
    builder = NodeBuilder(file)
    try:
        for event in _events(text, loader):
            builder.take(event)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise AmlConfigError(problem_of(file, error)) from error
    return builder.root


def parsed_text(file: str, source: bytes | str) -> str:
    """Return the text that is parsed: without byte order mark, JSON's surrogate pairs as the one character they mean.

    Raises AmlConfigError.
    """
    text = checked_text(file, source)
    return _SURROGATE_PAIR.sub(_joined_pair, text) if _JSON_START.match(text) else text


def _joined_pair(pair: re.Match[str]) -> str:
    character = 0x10000 + ((int(pair[2], 16) - 0xD800) << 10) + (int(pair[3], 16) - 0xDC00)
    return pair[1] + chr(character)


def _events(text: str, loader: Any) -> Iterator[Any]:
    parser = loader(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()
