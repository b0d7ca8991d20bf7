"""The rows of environment variables in the submit form: name, value, secret."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

PREFIX = "variables"
EMPTY_ROWS = 3
MOST_ROWS = 500
TYPE_AGAIN = "Type the value again: secret values are not kept in a form."


class VariableForm(forms.Form):
    """One row. A row without name and value is not there; the value of a secret is never sent back to the browser."""

    name = forms.CharField(label="Name", max_length=200, required=False, strip=True)
    value = forms.CharField(label="Value", required=False, strip=False)
    secret = forms.BooleanField(label="Secret", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {"name": "Name of the variable", "value": "Value of the variable", "secret": "Keep the value secret"}
        for field, label in names.items():
            self.fields[field].widget.attrs |= {"aria-label": label, "autocomplete": "off", "spellcheck": "false"}
        self.fields["name"].widget.attrs["placeholder"] = "NAME"
        if self.is_secret:
            self.fields["value"].widget = forms.PasswordInput(
                attrs={**self.fields["value"].widget.attrs, "placeholder": "type it again"}, render_value=False
            )

    @property
    def is_secret(self) -> bool:
        """Return whether the row is marked secret, as far as it has been filled in."""
        return bool(self["secret"].value())

    def clean(self) -> dict[str, Any]:
        """Refuse a value without a name, and a secret without a value."""
        row: dict[str, Any] = self.cleaned_data
        if row.get("value") and not row.get("name"):
            self.add_error("name", "Give the variable a name.")
        if row.get("secret") and row.get("name") and not row.get("value"):
            self.add_error("value", TYPE_AGAIN)
        return row


class BaseVariableRows(BaseFormSet):  # type: ignore[type-arg]
    """All rows of a submit form."""

    def clean(self) -> None:
        """Refuse a name that is given twice, on its second row."""
        seen: set[str] = set()
        for form in self.forms:
            name = getattr(form, "cleaned_data", {}).get("name", "")
            if name and name in seen:
                form.add_error("name", "This name is given above already.")
            seen.add(name)

    @property
    def plain(self) -> dict[str, str]:
        """Return the variables that everybody may see."""
        return {row["name"]: row["value"] for row in self._filled() if not row["secret"]}

    @property
    def secret(self) -> dict[str, str]:
        """Return the variables whose values are sealed."""
        return {row["name"]: row["value"] for row in self._filled() if row["secret"]}

    def _filled(self) -> list[dict[str, Any]]:
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get("name")]


VariableRows: Any = formset_factory(
    VariableForm, formset=BaseVariableRows, extra=EMPTY_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS
)


def empty_or_filled(variables: Mapping[str, str], secret_names: Iterable[str]) -> Any:
    """Return rows for a fresh form: the variables, the names of the secrets, and three empty rows."""
    initial: list[dict[str, Any]] = [{"name": name, "value": value} for name, value in variables.items()]
    initial += [{"name": name, "value": "", "secret": True} for name in secret_names]
    return VariableRows(prefix=PREFIX, initial=initial)


def as_typed(data: Any, more: int = 0) -> Any:
    """Return the rows of a form that was sent, unjudged, and some empty ones; secret values must be typed again."""
    total = data.get(f"{PREFIX}-TOTAL_FORMS", "0")
    count = min(int(total), MOST_ROWS) if total.isdecimal() and len(total) < 6 else 0
    initial = [
        {
            "name": data.get(f"{PREFIX}-{row}-name", ""),
            "value": data.get(f"{PREFIX}-{row}-value", ""),
            "secret": f"{PREFIX}-{row}-secret" in data,
        }
        for row in range(count)
    ]
    rows = VariableRows(prefix=PREFIX, initial=initial)
    rows.extra = more
    return rows
