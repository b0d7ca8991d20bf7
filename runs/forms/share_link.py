"""The form that makes a share link."""

from typing import Any

from django import forms

from runs.sharing import USUAL_DAYS, possible_days


class ShareLinkForm(forms.Form):
    """For how long a link works and what it shows; log and outputs only when they are ticked."""

    days = forms.TypedChoiceField(label="Works for", coerce=int)
    shows_log = forms.BooleanField(
        label="Show the log",
        required=False,
        help_text="Live while the run goes on. Read it first: scripts print a lot.",
    )
    shows_outputs = forms.BooleanField(
        label="Show the outputs", required=False, help_text="Every file that the script left in outputs/."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = possible_days()
        field = self.fields["days"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(number, "1 day" if number == 1 else f"{number} days") for number in days]
        field.initial = max((number for number in days if number <= USUAL_DAYS), default=days[0])
