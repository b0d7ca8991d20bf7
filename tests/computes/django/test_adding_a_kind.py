"""A kind of target is complete when it stands in exactly the places that the documentation names."""

from pathlib import Path

import pytest
from django import forms

from computes.contract import Framework
from computes.forms.by_kind import FORMS, form_class_for
from computes.kind_choices import kind_choices, kind_refusal
from computes.models import ComputeTarget
from computes.registry import ALIASES, KNOWN_KINDS, REGISTRY

DOCUMENT = Path(__file__).parents[3] / "docs" / "adding-a-compute-target.md"
WORKING_KINDS = sorted({kind for kind, _ in REGISTRY} - {"fake"})


@pytest.mark.parametrize("kind", WORKING_KINDS)
def test_a_kind_that_works_has_an_executor_a_form_words_and_a_stored_name(kind: str) -> None:
    entry = next(REGISTRY[kind, framework] for framework in Framework if (kind, framework) in REGISTRY)
    assert issubclass(FORMS[entry.form], forms.Form)
    assert form_class_for(kind) is FORMS[entry.form]
    assert KNOWN_KINDS[kind].exists
    assert kind in {ALIASES.get(value, value) for value in ComputeTarget.Kind.values}
    assert kind_refusal(kind) == ""


def test_every_entry_names_a_form_and_every_form_is_named_or_waits_for_its_executor() -> None:
    named = {entry.form for entry in REGISTRY.values()}
    assert named <= set(FORMS)
    assert all(not KNOWN_KINDS[form].exists for form in set(FORMS) - named)


def test_every_kind_with_words_can_be_stored_and_the_other_way_round() -> None:
    assert {ALIASES.get(value, value) for value in ComputeTarget.Kind.values} == set(KNOWN_KINDS)
    assert [choice.value for choice in kind_choices()] == list(ComputeTarget.Kind.values)


def test_the_document_names_the_four_places() -> None:
    text = DOCUMENT.read_text()
    for place in ("computes/executors/", "`REGISTRY`", "`KNOWN_KINDS`", "`FORMS`"):
        assert place in text
    assert text.count("\n## Edit ") == 4
