"""The form of each kind of target, under the name that the registry's entries give."""

from collections.abc import Mapping

from computes.contract import Framework
from computes.forms.process_target_form import ProcessTargetForm
from computes.registry import ALIASES, REGISTRY

FORMS: Mapping[str, type[ProcessTargetForm]] = {
    "local": ProcessTargetForm,
}


def form_class_for(kind: str) -> type[ProcessTargetForm]:
    """Return the form of a kind that has an executor. Raises KeyError for one that has none."""
    kind = ALIASES.get(kind, kind)
    entry = next(REGISTRY[kind, framework] for framework in Framework if (kind, framework) in REGISTRY)
    return FORMS[entry.form]
