"""What is said of a script action before it is reviewed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from computes.action_requests import LONGEST_SECONDS, MOST_AT_ONCE, ActionWishes
from computes.action_scripts import LARGEST_SCRIPT_BYTES, script_of
from computes.forms.duration_field import DurationField
from computes.models import ScriptAction
from computes.refusals import TargetRefused

FEWEST_SECONDS = 1


class ScriptActionForm(forms.Form):
    """A script, typed or as a file, and its limits. `wishes` is there once the form is valid."""

    name = forms.CharField(max_length=100, help_text="What it is for, such as: install libgomp.")
    script = forms.CharField(
        required=False,
        strip=False,
        max_length=2 * LARGEST_SCRIPT_BYTES,
        widget=forms.Textarea(attrs={"rows": 14, "class": "mono", "spellcheck": "false"}),
        help_text="A first line such as #!/bin/bash chooses the shell; without one it is /bin/sh. Everybody who "
        "administers targets can read it later: put no passwords here.",
    )
    script_file = forms.FileField(
        required=False, label="Or a file", help_text=f"At most {LARGEST_SCRIPT_BYTES // 1024} KiB, instead of the text."
    )
    on_head = forms.BooleanField(required=False, label="Run it on the head node too")
    node_seconds = DurationField(
        label="Longest on a node", initial=1800, help_text="Such as 30 min. Then it is ended there."
    )
    total_seconds = DurationField(
        label="Longest for all", initial=7200, help_text="Such as 2 h. What has not begun by then never will."
    )
    at_once = forms.IntegerField(
        label="Nodes at once",
        initial=10,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_AT_ONCE)],
        help_text="On how many nodes it runs at the same time; 1 for one after the other.",
    )

    def clean_name(self) -> str:
        """A name is one line of text."""
        name: str = self.cleaned_data["name"]
        if not name.isprintable():
            raise ValidationError("Leave out line breaks and control characters.")
        return name

    def clean_node_seconds(self) -> int:
        """A limit on a node is at most a week."""
        return limit_in(self.cleaned_data["node_seconds"])

    def clean_total_seconds(self) -> int:
        """A limit for all of it is at most a week."""
        return limit_in(self.cleaned_data["total_seconds"])

    def clean(self) -> dict[str, Any]:
        """Take the file where there is one, otherwise the text."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        file = cleaned.get("script_file")
        if "script" not in cleaned or (file and self.has_error("script_file")):
            return cleaned
        try:
            cleaned["script"] = script_of(file.read(2 * LARGEST_SCRIPT_BYTES + 1) if file else cleaned["script"])
        except TargetRefused as refusal:
            self.add_error("script_file" if file else "script", str(refusal))
        return cleaned

    def wishes(self, key: str | None = None, reviewed: str = "") -> ActionWishes:
        """Return what is wanted, of a valid form."""
        names = ("name", "script", "on_head", "node_seconds", "total_seconds", "at_once")
        return ActionWishes(**{name: self.cleaned_data[name] for name in names}, key=key, reviewed=reviewed)


class ReviewForm(forms.Form):
    """What the page of the review sends beside the fields of the form before it."""

    key = forms.CharField(max_length=100)
    reviewed = forms.CharField(max_length=64)


def limit_in(seconds: int) -> int:
    """Return a number of seconds. Raises ValidationError for one that is too large."""
    if not FEWEST_SECONDS <= seconds <= LONGEST_SECONDS:
        raise ValidationError("At most 7 d.")
    return seconds


def initial_of_action(action: ScriptAction) -> dict[str, Any]:
    """Return the form's first values for an action that is to be repeated."""
    names = ("name", "script", "node_seconds", "total_seconds", "at_once")
    return {name: getattr(action, name) for name in names} | {"on_head": action.nodes.filter(is_head=True).exists()}
