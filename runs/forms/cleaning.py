"""Choosing what is removed from a target."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from runs.environment_pruning import Prunable
from runs.target_cleaning import CleaningWishes
from runs.target_space import TargetSpace

ALL = "all"


class Keys(forms.Field):
    """Any number of names. What is not there any more is no error: it has gone meanwhile, and is spared."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> tuple[str, ...]:
        """Return the names as they were ticked."""
        return tuple(str(name)[:200] for name in value or ())


class CleaningForm(forms.Form):
    """Orphans by key, environments by hash, and from which age on cached contents go."""

    orphan = Keys(required=False)
    hash = Keys(required=False)
    contents_days = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, space: TargetSpace, prunable: Iterable[Prunable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.space = space
        self.hashes = [each.hash for each in prunable]
        ages: Any = self.fields["contents_days"]
        ages.choices = [("", "Keep them"), *((days, f"{days} days") for days in (1, 7, 30))]

    def clean(self) -> dict[str, Any]:
        """Something has to be chosen."""
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("orphan") or cleaned.get("hash") or cleaned.get("contents_days")) and not self.errors:
            raise ValidationError("Nothing is chosen. Tick what shall go.")
        return cleaned

    def wishes(self) -> CleaningWishes:
        """Return what was chosen; "all" stands for every one that is shown."""
        orphans, hashes = self.cleaned_data["orphan"], self.cleaned_data["hash"]
        return CleaningWishes(
            orphans=tuple(orphan.key for orphan in self.space.orphans) if ALL in orphans else orphans,
            environments=tuple(self.hashes) if ALL in hashes else hashes,
            contents_days=self.cleaned_data["contents_days"],
        )
