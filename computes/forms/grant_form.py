"""The form that lets somebody use a target."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from computes.forms.duration_field import DurationField
from computes.granting import Holder
from projects.models import Project

KINDS = (
    ("user", "One person"),
    ("group", "A group"),
    ("project", "A project"),
    ("everyone", "Everyone with an account"),
)
WORDS = {
    "user": "There is no active person with this user name.",
    "group": "There is no group with this name.",
    "project": "There is no project with this short name.",
}


class GrantForm(forms.Form):
    """Who may use the target, and how much of it."""

    kind = forms.ChoiceField(label="Who", choices=KINDS, initial="user")
    name = forms.CharField(
        required=False,
        max_length=150,
        help_text="User name, name of the group, or short name of the project (as in its address).",
    )
    slots = forms.IntegerField(
        required=False,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text="At once, for all who use this grant. Empty: as many as the target has.",
    )
    longest_run_seconds = DurationField(
        label="Longest run", required=False, help_text="Such as 4 h. Empty: as long as the target allows."
    )

    holder: Holder = None

    def clean(self) -> dict[str, Any]:
        """Find whoever was named."""
        cleaned = super().clean() or self.cleaned_data
        kind, name = cleaned.get("kind"), str(cleaned.get("name") or "").strip()
        if kind == "everyone" and name:
            self.add_error("name", ValidationError("Everyone has no name. Empty this field, or choose who is meant."))
        elif kind in WORDS:
            self.holder = self._find(kind, name) if name else None
            if self.holder is None:
                self.add_error("name", ValidationError(WORDS[kind] if name else "Say who is meant."))
        return cleaned

    def _find(self, kind: str, name: str) -> Holder:
        if kind == "user":
            return User.objects.filter(username=name, is_active=True).first()
        if kind == "group":
            return Group.objects.filter(name=name).first()
        project: Project | None = Project.objects.filter(slug=name).first()
        return project
