"""The form that attaches and edits a target whose scripts run as processes."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from computes.attaching import EDITABLE
from computes.forms.duration_field import DurationField
from computes.forms.variables_field import VariablesField
from computes.models import ComputeTarget
from computes.models.compute_target import NAME_RULE

RESERVED_NAMES = ("new",)


def check_folder(path: str) -> None:
    """A folder on the target must not depend on where a process happens to stand."""
    if path and not path.startswith(("/", "~")):
        raise ValidationError("Give the whole path: it begins with / or ~.")


def check_interpreter(path: str) -> None:
    """An interpreter is a whole path or the bare name of a command, never a command line."""
    if "/" in path:
        check_folder(path)
    elif any(character.isspace() for character in path):
        raise ValidationError("Give a path or the name of one command, without arguments.")


class ProcessTargetForm(forms.Form):
    """What may be said about a target, in the words of its `.compute` file where that has them.

    The name is asked for when the target is new and never changes.
    """

    name = forms.CharField(
        max_length=60, validators=[NAME_RULE], help_text="What run configurations call it. It cannot be changed later."
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
    python_location = forms.CharField(
        label="Python interpreter",
        max_length=500,
        initial="python3",
        validators=[check_interpreter],
        help_text="pythonLocation: a path, or a command that is found on the target's PATH.",
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
        if not is_new:
            del self.fields["name"]

    def clean_name(self) -> str:
        """Refuse the names that are addresses of pages, and those of other targets."""
        name = str(self.cleaned_data["name"])
        if name in RESERVED_NAMES:
            raise ValidationError(f"{name} is the address of a page. Choose another name.")
        if ComputeTarget.objects.filter(name__iexact=name).exists():
            raise ValidationError(f"There is a target named {name} already. Choose another name.")
        return name

    def facts(self) -> dict[str, Any]:
        """Return the fields of the target that this form changes."""
        return {name: self.cleaned_data[name] for name in EDITABLE}
