"""From the body of a call to the form that pages use, so that both accept and refuse the same."""

from collections.abc import Mapping
from typing import Any

from computes.forms.by_kind import form_class_for
from computes.forms.stored_facts import initial_of
from computes.forms.target_form import TargetForm
from computes.models import ComputeTarget
from runs.api.problems import invalid

Credential = ComputeTarget.Credential
DURATIONS = ("longest_run_seconds", "lost_after_seconds")
NO_SUCH_FIELD = "A target of this kind has no such field. Leave it out."
NEW_KEY_PAIR = "new_key_pair"


def form_for(kind: str, wanted: Mapping[str, Any], target: ComputeTarget | None) -> TargetForm:
    """Return the filled-in form of a kind: what the call says, over what is stored or the form's own first values.

    Raises ApiProblem (422) with the fields at fault.
    """
    form_class = form_class_for(kind)
    initial = initial_of(target) if target is not None else {}
    blank = form_class(initial=initial, is_new=target is None)
    unknown = [name for name in wanted if name not in blank.fields and name != NEW_KEY_PAIR]
    if unknown:
        raise invalid({name: [NO_SUCH_FIELD] for name in unknown})
    first = {name: blank.get_initial_for_field(field, name) for name, field in blank.fields.items()}
    shown = {name: blank.fields[name].prepare_value(value) for name, value in first.items() if value is not None}
    form = form_class({**shown, **_as_typed(wanted), **_chosen(blank, wanted)}, initial=initial, is_new=target is None)
    if not form.is_valid():
        raise invalid({name: [str(text) for text in errors] for name, errors in form.errors.items()})
    return form


def _as_typed(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as somebody would type them. Durations of calls are seconds, sizes are bytes."""
    typed = {name: "" if value is None else value for name, value in wanted.items() if name != NEW_KEY_PAIR}
    for name in DURATIONS:
        if isinstance(typed.get(name), int):
            typed[name] = f"{typed[name]} s"
    return typed


def _chosen(form: TargetForm, wanted: Mapping[str, Any]) -> dict[str, str]:
    """Return which credential the call means: the one that it brings, otherwise a new pair or the stored one."""
    if "credential" not in form.fields:
        return {}
    given = [name for name in ("private_key", "password") if wanted.get(name)]
    if len(given) + bool(wanted.get(NEW_KEY_PAIR)) > 1:
        raise invalid({"private_key": ["Send one of private_key, password and new_key_pair."]})
    if given:
        return {"credential": given[0]}
    return {"credential": Credential.KEY_PAIR} if wanted.get(NEW_KEY_PAIR) or form.is_new else {}
