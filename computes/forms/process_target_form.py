"""The form that attaches and edits a target on this machine whose scripts run as processes."""

from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError

from computes.forms.sections import Section
from computes.forms.target_form import ABOUT, FOLDERS, RUNS, TargetForm, check_folder

PYTHON = Section("python", "Python", (("python_location",), ("user_managed_environment",)))


def check_interpreter(path: str) -> None:
    """An interpreter is a whole path or the bare name of a command, never a command line."""
    if "/" in path:
        check_folder(path)
    elif any(character.isspace() for character in path):
        raise ValidationError("Give a path or the name of one command, without arguments.")


class ProcessTargetForm(TargetForm):
    """A target that runs scripts with a Python that is there."""

    SECTIONS: ClassVar[tuple[Section, ...]] = (ABOUT, PYTHON, FOLDERS, RUNS)

    python_location = forms.CharField(
        label="Python interpreter",
        max_length=500,
        initial="python3",
        validators=[check_interpreter],
        help_text="pythonLocation: a path, or a command that is found on the target's PATH.",
    )
