"""Whatever a file holds, the readers answer with a value or with an error, never with an exception."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from projects.aml_config.key_tables import KEY_TABLES
from projects.aml_config.reading import (
    read_compute,
    read_conda_dependencies,
    read_run_configuration,
    read_spark_dependencies,
)

READERS = [read_compute, read_run_configuration, read_conda_dependencies, read_spark_dependencies]
KEYS = st.sampled_from([key for table in KEY_TABLES.values() for key in table]) | st.text(max_size=10)
WORDS = st.sampled_from(["local", "remote", "$file", "Python", "a:b:c", "python=3.5", "AzureMlSecret=x", "~", "é"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text(max_size=20) | WORDS
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
PIECES = st.lists(
    st.sampled_from(list("-:?[]{},#&*!|>'\"%@`\\ \t\n\r~=<.0aé\x85\u2028\ufeff\0")) | st.sampled_from(
        ["type: local\n", "- ", ": ", "&a ", "*a", "<<: ", "!!str ", "---\n", "...\n", '{"a": ', '"\\ud800"', "pip:\n"]
    ),
    max_size=40,
)  # fmt: skip


def check(reader: Any, source: bytes | str) -> None:
    value, problems = reader("x", source)
    assert (value is None) == any(problem.severity == "error" for problem in problems)
    for problem in problems:
        assert problem.text
        assert problem.remedy
        assert problem.line is None or 1 <= problem.line <= len(source) + 1


@pytest.mark.parametrize("reader", READERS)
@given(source=st.binary(max_size=300))
def test_any_bytes_give_a_value_or_an_error(reader: Any, source: bytes) -> None:
    check(reader, source)


@pytest.mark.parametrize("reader", READERS)
@given(pieces=PIECES)
def test_any_heap_of_yaml_signs_gives_a_value_or_an_error(reader: Any, pieces: list[str]) -> None:
    check(reader, "".join(pieces))


@pytest.mark.parametrize("reader", READERS)
@given(content=st.dictionaries(KEYS, VALUES, max_size=6))
def test_known_keys_with_any_values_give_a_value_or_an_error(reader: Any, content: dict[str, Any]) -> None:
    check(reader, yaml.safe_dump(content, allow_unicode=True, sort_keys=False))
