"""The kinds of target that can be chosen, and why some cannot yet."""

from dataclasses import dataclass

from computes.contract import Framework
from computes.models import ComputeTarget
from computes.registry import ALIASES, KNOWN_KINDS, refusal_for


@dataclass(frozen=True, slots=True)
class KindChoice:
    """One kind on the form. `refusal` is empty, or says in words why the kind cannot be used."""

    value: str
    title: str
    sentence: str
    refusal: str


def kind_refusal(kind: str) -> str:
    """Return why a kind can run nothing at all, in words, or nothing."""
    refusals = [refusal_for(kind, framework) for framework in Framework]
    return "" if None in refusals else refusals[0] or ""


def kind_choices() -> list[KindChoice]:
    """Return all kinds that a target may have, in their order."""
    choices = []
    for value in ComputeTarget.Kind.values:
        known = KNOWN_KINDS[ALIASES.get(value, value)]
        choices.append(KindChoice(value, known.title, known.sentence, kind_refusal(value)))
    return choices


def usual_framework(kind: str) -> Framework:
    """Return how scripts are usually started on a kind: by Python, where that works, else as PySpark."""
    return next((framework for framework in Framework if refusal_for(kind, framework) is None), Framework.PYTHON)
