"""Errors of targets as one text."""

import pytest

from computes.errors import TargetError


@pytest.mark.parametrize(
    ("text", "remedy", "whole"),
    [
        ("It broke.", "Mend it.", "It broke. Mend it."),
        (
            "No candidates were found for x 9",
            "Change the packages.",
            "No candidates were found for x 9. Change the packages.",
        ),
        ("It said nothing.\n", "", "It said nothing."),
        ("Where is it?", "Look for it", "Where is it? Look for it."),
    ],
)
def test_text_and_remedy_are_sentences(text: str, remedy: str, whole: str) -> None:
    assert TargetError(text, remedy).in_full == whole
