"""Form fields made from a table of configuration keys: what a file says goes in, changes of single keys come out."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from projects.aml_config.gpus import REMEDY, gpus_of
from projects.aml_config.keys import Key, KeyTable
from projects.aml_config.nodes import Plain

NOT_GIVEN = "not given"
SECOND_NAMES = frozenset({"TimeLimitSeconds"})
TRUE_FALSE = [("true", "true"), ("false", "false")]


class KeyForm(forms.Form):
    """One field for each key that a form can change. Lists have one item a line, maps one “name: value” a line.

    Keys whose value has another shape than the table says, and references to secrets, are left to the text editor.
    """

    def __init__(self, table: KeyTable, given: Mapping[str, Plain], data: Any = None) -> None:
        super().__init__(data)
        self.table = table
        self.left_out: list[str] = []
        for key in table.values():
            shown = as_typed(key, given.get(key.name))
            if key.name in SECOND_NAMES and key.name not in given:
                continue
            if shown is None or key.type == "credential":
                self.left_out += [key.name] if key.name in given else []
                continue
            self.fields[key.name] = field_of(key)
            self.initial[key.name] = shown

    def clean(self) -> dict[str, Any]:
        """Turn what was typed into values; a line of a map without a colon is refused on its field."""
        for name in list(self.cleaned_data):
            try:
                self.cleaned_data[name] = value_of(self.table[name], self.cleaned_data[name])
            except ValidationError as error:
                self.add_error(name, error)
        return self.cleaned_data

    def changes(self) -> dict[str, object]:
        """Return the keys that were changed; None takes a key out of the file. Browsers end lines with CRLF."""
        typed = {name: str(self.data.get(name, "")).replace("\r\n", "\n") for name in self.fields}
        return {name: value for name, value in self.cleaned_data.items() if typed[name] != self.initial[name]}


def field_of(key: Key) -> forms.Field:
    """Return the field of one key, its meaning as the help text."""
    default = f" Without it: {key.default}." if key.default else ""
    common: dict[str, Any] = {"label": key.name, "required": False, "help_text": key.meaning + default}
    field: forms.Field
    if key.type in ("choice", "boolean"):
        choices = TRUE_FALSE if key.type == "boolean" else [(word, word) for word in key.choices]
        field = forms.ChoiceField(choices=[("", NOT_GIVEN), *choices], **common)
    elif key.type in ("list", "map"):
        hint = {"list": " One item a line.", "map": " One “name: value” a line."}[key.type]
        common["help_text"] += hint
        field = forms.CharField(widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}), **common)
    elif key.type == "seconds":
        field = forms.IntegerField(min_value=1, **common)
    else:
        field = forms.CharField(max_length=1000, **common)
    field.widget.attrs["autocomplete"] = "off"
    return field


def as_typed(key: Key, value: Plain) -> str | None:
    """Return what stands in the field for a value of the file, None when the field cannot show it."""
    if value is None:
        return ""
    if key.type in ("list", "map"):
        return _as_lines(key, value)
    if key.type == "gpus" and isinstance(value, list):
        return gpus_of(value)
    if not isinstance(value, str) or "\n" in value:
        return None
    if key.type == "boolean":
        return value.casefold() if value.casefold() in ("true", "false") else None
    if key.type == "choice":
        return value if value in key.choices else None
    return value


def _as_lines(key: Key, value: Plain) -> str | None:
    """Return the lines of a list or a map, None where saving them would come to something else."""
    if value in ([], {}):
        return ""
    if key.type == "list" and isinstance(value, list):
        lines = [str(item) for item in value]
    elif key.type == "map" and isinstance(value, dict):
        lines = [f"{name}: {item}" for name, item in value.items()]
    else:
        return None
    shown = "\n".join(lines)
    try:
        return shown if value_of(key, shown) == value else None
    except ValidationError:
        return None


def value_of(key: Key, typed: Any) -> object:
    """Return what goes into the file for what was typed, None to take the key out. Raises ValidationError."""
    if typed in ("", None):
        return None
    if key.type == "boolean":
        return typed == "true"
    if key.type == "gpus":
        return _gpus(typed)
    if key.type == "list":
        return [line.strip() for line in typed.splitlines() if line.strip()]
    if key.type == "map":
        return dict(_pair(line) for line in typed.splitlines() if line.strip())
    return typed


def _gpus(typed: str) -> object:
    gpus = gpus_of(typed)
    if gpus is None:
        raise ValidationError(REMEDY)
    if gpus in ("", "all"):
        return gpus == "all"
    return int(gpus) if gpus.isdecimal() else gpus


def _pair(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise ValidationError(f"Write “{line.strip()[:40]}” as name: value.")
    return name.strip(), value.strip()
