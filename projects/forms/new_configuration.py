"""The form that adds a target or a run configuration to a project's aml_config."""

import re

from django import forms
from django.core.exceptions import ValidationError

from projects.aml_config.compute_keys import KIND_OF_TYPE
from projects.aml_config.editing import new_compute_text, new_run_configuration_text

NAME = re.compile(r"[\w.-]{1,60}\Z")
SUFFIXES = {"compute": ".compute", "runconfig": ".runconfig"}


class NewConfigurationForm(forms.Form):
    """Kind and name of the file, and what it begins with."""

    kind = forms.ChoiceField(
        label="What", choices=[("runconfig", "Run configuration"), ("compute", "Compute target")], initial="runconfig"
    )
    name = forms.CharField(
        label="Name",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "nightly", "autocomplete": "off", "spellcheck": "false"}),
    )
    type = forms.ChoiceField(
        label="Type of the target", required=False, initial="local", choices=[(word, word) for word in KIND_OF_TYPE]
    )
    target = forms.CharField(
        label="Target of the run configuration", required=False, max_length=60, initial="local",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def clean_name(self) -> str:
        """Return a name that can be a file's."""
        name: str = self.cleaned_data["name"]
        if not NAME.match(name) or name.startswith("."):
            raise ValidationError("Use letters, digits, dots, dashes and underscores; begin without a dot.")
        return name

    def path(self) -> str:
        """Return the path of the new file, whose ending may have been typed with its name."""
        suffix = SUFFIXES[self.cleaned_data["kind"]]
        return f"aml_config/{self.cleaned_data['name'].removesuffix(suffix)}{suffix}"

    def text(self) -> str:
        """Return the text of the new file, every key explained."""
        if self.cleaned_data["kind"] == "compute":
            return new_compute_text(self.cleaned_data["type"] or "local")
        return new_run_configuration_text(self.cleaned_data["target"] or "local")
