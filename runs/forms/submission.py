"""The submit form: what people type, read into a Submission."""

import uuid
from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from computes.contract import Framework
from projects.models import Snapshot
from runs.forms.resource_fields import ResourceFields
from runs.forms.script_choices import script_choices
from runs.forms.submission_key import with_key
from runs.forms.typed_text import arguments_in, seconds_in, tags_in
from runs.models import Run
from runs.submission import Submission

PARENTS_CODE, CURRENT_CODE = "parent", "current"
AS_CONFIGURED = "Default"
PREVIEW = {
    "hx-post": "",
    "hx-trigger": "input changed delay:200ms",
    "hx-target": "#arguments-preview",
    "hx-params": "arguments,part",
    "hx-vals": '{"part": "arguments"}',
}
PLACES = {
    "hx-post": "",
    "hx-trigger": "change",
    "hx-target": "#places",
    "hx-select": "#places",
    "hx-swap": "outerHTML",
    "hx-vals": '{"part": "places"}',
}


class SubmissionForm(ResourceFields):
    """Everything but the environment variables, which are rows of their own."""

    script = forms.ChoiceField(label="Script")
    arguments = forms.CharField(
        label="Arguments",
        required=False,
        max_length=200_000,
        help_text="As in a shell: blanks separate, quotes hold together. Nothing is expanded.",
        widget=forms.TextInput(
            attrs={"placeholder": "--rate 0.1 --name 'my run'", "class": "font-monospace"} | PREVIEW
        ),
    )
    framework = forms.ChoiceField(
        label="Framework",
        required=False,
        choices=[("", AS_CONFIGURED), *((each, each) for each in Framework)],
        help_text="By default what the run configuration says; without one, Python.",
        widget=forms.Select(attrs=PLACES),
    )
    run_configuration = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    target = forms.CharField(label="Target", required=False, max_length=100)
    time_limit = forms.CharField(
        label="Time limit",
        required=False,
        max_length=40,
        help_text="30m, 2h, 1h30m, 90s. Empty: the longest that you are allowed.",
        widget=forms.TextInput(attrs={"placeholder": "no limit"}),
    )
    description = forms.CharField(
        label="Description",
        required=False,
        max_length=500,
        help_text="What do you want to find out? It stands beside the run for ever.",
    )
    tags = forms.CharField(
        label="Tags",
        required=False,
        max_length=1100,
        help_text="Words between commas, to find runs again.",
        widget=forms.TextInput(attrs={"placeholder": "baseline, v2"}),
    )
    code = forms.ChoiceField(
        required=False, choices=[(PARENTS_CODE, "Same code"), (CURRENT_CODE, "Current code")], initial=PARENTS_CODE
    )
    idempotency_key = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def __init__(self, *args: Any, scripts: list[str], likely: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.variable_errors: list[str] = []
        script = self.fields["script"]
        assert isinstance(script, forms.ChoiceField)
        script.choices = script_choices(scripts, likely)
        script.error_messages |= {
            "required": "Choose the script to run.",
            "invalid_choice": "The project has no script %(value)s. Choose one of the list.",
        }
        for field in ("arguments", "time_limit", "tags"):
            self.fields[field].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        self.fields["idempotency_key"].initial = lambda: str(uuid.uuid4())

    def clean_arguments(self) -> tuple[str, ...]:
        """Return the list of arguments."""
        return arguments_in(self.cleaned_data["arguments"])

    def clean_time_limit(self) -> int | None:
        """Return the limit in seconds."""
        return seconds_in(self.cleaned_data["time_limit"])

    def clean_tags(self) -> tuple[str, ...]:
        """Return the tags."""
        return tags_in(self.cleaned_data["tags"])

    def clean_target(self) -> str:
        """Ask for a target in words."""
        target: str = self.cleaned_data["target"]
        if not target:
            raise ValidationError("Choose where to run.")
        return target

    def submission_with(self, variables: Any, parent: Run | None, snapshot: Snapshot | None) -> Submission:
        """Return what was asked for; both this form and the rows of variables must be valid."""
        asked = self.cleaned_data
        submission = Submission(
            script=asked["script"],
            arguments=asked["arguments"],
            target=asked["target"],
            run_configuration=asked["run_configuration"] or None,
            framework=asked["framework"] or None,
            environment_variables=variables.plain,
            secret_variables=variables.secret,
            time_limit_seconds=asked["time_limit"],
            description=asked["description"],
            tags=asked["tags"],
            resources=self.resources(),
            parent=parent,
            snapshot=snapshot,
        )
        return with_key(submission, asked["idempotency_key"])

    def take_errors(self, errors: dict[str, list[str]]) -> None:
        """Put the findings of a refused submission beside the fields that they are about.

        Findings about variables are kept in `variable_errors`, because the rows are no part of this form.
        """
        names = {"time_limit_seconds": "time_limit"}
        for name, texts in errors.items():
            field = names.get(name, name)
            if name in ("environment_variables", "secret_variables"):
                self.variable_errors += texts
                continue
            for text in texts:
                self.add_error(field if field in self.fields and field != "idempotency_key" else None, text)
