"""Variables of the environment that are refused at start, with their names."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from amlweb.variables import pip_index_in, pip_indexes_in

NAME = "AMLWEB_PIP_EXTRA_INDEXES"


def test_indexes_are_separated_by_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, " https://a.example/simple  https://me:secret@b.example/simple ")
    assert pip_indexes_in(NAME) == ("https://a.example/simple", "https://me:secret@b.example/simple")
    monkeypatch.delenv(NAME)
    assert pip_indexes_in(NAME) == ()


def test_an_index_with_a_token_in_its_path_is_refused_without_being_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "https://a.example/simple https://b.example/t/tk-12345678/simple")
    with pytest.raises(ImproperlyConfigured, match=r"EXTRA_INDEXES is not valid.*token in its path") as refused:
        pip_indexes_in(NAME)
    assert "12345678" not in str(refused.value)
    monkeypatch.setenv(NAME, "https://b.example/t/tk-12345678/simple")
    with pytest.raises(ImproperlyConfigured, match="token in its path"):
        pip_index_in(NAME)
    monkeypatch.setenv(NAME, "https://b.example/simple/")
    assert pip_index_in(NAME) == "https://b.example/simple"
