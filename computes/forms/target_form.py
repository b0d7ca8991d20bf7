"""What may be said about a target of any kind."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.html import format_html

from computes.attaching import EDITABLE, TargetWishes
from computes.forms.credential_fields import SecretText
from computes.forms.duration_field import DurationField
from computes.forms.sections import BoundSection, Section, sections_of
from computes.forms.variables_field import VariablesField
from computes.models.compute_target import NAME_RULE
from computes.refusals import TargetRefused
from computes.target_names import refuse_unusable_name

ABOUT = Section("about", "About", (("name",), ("description",), ("slots", "longest_run_seconds")))
FOLDERS = Section("folders", "Folders", (("work_folder", "native_shared_directory"),))
SECRET_WIDGETS = (forms.PasswordInput, forms.FileInput, SecretText)
TYPE_AGAIN = "Give it again: secrets are not kept in a form."
RUNS = Section("runs", "Runs", (("environment_variables",), ("lost_after_seconds",)))


def check_folder(path: str) -> None:
    """A folder on the target must not depend on where a process happens to stand."""
    if path and not path.startswith(("/", "~")):
        raise ValidationError("Give the whole path: it begins with / or ~.")


class TargetForm(forms.Form):
    """The fields of every kind, in the words of the `.compute` file where that has them.

    The name is asked for when the target is new; later it is changed on a page of its own.
    """

    SECTIONS: ClassVar[tuple[Section, ...]] = (ABOUT, FOLDERS, RUNS)

    name = forms.CharField(
        max_length=60, validators=[NAME_RULE], help_text="What run configurations call it: aml_config/NAME.compute."
    )
    description = forms.CharField(
        required=False,
        max_length=300,
        help_text="What people should know when they choose: memory, GPUs, who looks after it.",
    )
    slots = forms.IntegerField(
        initial=2,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text="How many runs may be on at once.",
    )
    longest_run_seconds = DurationField(
        label="Longest run",
        required=False,
        help_text="Such as 12 h or 2 d. A run that takes longer is ended. Leave empty for no limit.",
    )
    work_folder = forms.CharField(
        required=False,
        max_length=500,
        validators=[check_folder],
        help_text="Where code and logs of runs live on the target. Leave empty for a folder of amlweb's own.",
    )
    native_shared_directory = forms.CharField(
        label="Shared folder",
        required=False,
        max_length=500,
        validators=[check_folder],
        help_text="nativeSharedDirectory: kept between runs, found in AZUREML_NATIVE_SHARE_DIRECTORY.",
    )
    environment_variables = VariablesField(
        required=False,
        help_text="One NAME=value a line, set in every run here. Whoever may use the target can read them: no secrets.",
    )
    lost_after_seconds = DurationField(
        label="Call a run lost after",
        initial=86_400,
        help_text="How long the target may be silent before its runs are given up.",
    )

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = is_new
        if not is_new:
            del self.fields["name"]

    def clean_name(self) -> str:
        """Refuse a name that cannot be given."""
        name = str(self.cleaned_data["name"])
        try:
            refuse_unusable_name(name)
        except TargetRefused as refusal:
            raise ValidationError(str(refusal)) from refusal
        return name

    def take_refusal(self, refusal: TargetRefused) -> None:
        """Put why a valid form could not be carried out beside the field at fault."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))

    def ask_for_secrets_again(self) -> None:
        """Say below each secret that was typed that it has to be typed again: a refused form comes back without it."""
        for name, field in self.fields.items():
            was_typed = bool(self.data.get(name) or self.files.get(name))
            if isinstance(field.widget, SECRET_WIDGETS) and was_typed and name not in self.errors:
                self[name].help_text = format_html("{} {}", TYPE_AGAIN, field.help_text or "")

    def sections(self) -> Iterator[BoundSection]:
        """Yield the fields in their groups."""
        return sections_of(self, self.SECTIONS)

    def facts(self) -> dict[str, Any]:
        """Return the fields of the target that this form changes."""
        return {name: self.cleaned_data[name] for name in EDITABLE if name in self.fields}

    def wishes(self) -> TargetWishes:
        """Return all that was asked for, secrets included."""
        return TargetWishes(self.facts())
