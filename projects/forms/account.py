"""The forms of the account page."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone

EXPIRIES = {"7": "in 7 days", "30": "in 30 days", "90": "in 90 days", "365": "in a year", "": "never"}
THEMES = {"": "As the system", "light": "Light", "dark": "Dark"}


class NameForm(forms.ModelForm):  # type: ignore[type-arg]
    """The name that others see."""

    class Meta:
        model = User
        fields = ["first_name", "last_name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].widget.attrs["autocomplete"] = "given-name"
        self.fields["last_name"].widget.attrs["autocomplete"] = "family-name"


class ThemeForm(forms.Form):
    """Light, dark, or what the system says."""

    theme = forms.ChoiceField(label="Theme", choices=list(THEMES.items()), required=False)


class TokenForm(forms.Form):
    """A new access token."""

    name = forms.CharField(
        label="Name", max_length=80, help_text="What the token is for, so that you know it again.",
        widget=forms.TextInput(attrs={"placeholder": "laptop", "autocomplete": "off"}),
    )  # fmt: skip
    expiry = forms.ChoiceField(label="Ends", choices=list(EXPIRIES.items()), initial="90", required=False)

    def expires_at(self) -> datetime | None:
        """Return the moment when the token ends, None for never."""
        days = self.cleaned_data["expiry"]
        return timezone.now() + timedelta(days=int(days)) if days else None
