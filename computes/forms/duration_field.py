"""A form field for a duration, typed the way people say it: "90 min", "2 h 30 min", "1 d"."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

UNITS = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
SPELLINGS = {"day": "d", "days": "d", "hour": "h", "hours": "h", "m": "min", "sec": "s", "seconds": "s"}
PART = re.compile(r"(\d{1,9})\s*([a-z]+)\s*,?\s*")
LONGEST_SECONDS = 2_147_483_647  # what the database's column holds


def seconds_in(text: str) -> int:
    """Return the seconds of a duration in words. Raises ValueError when it is none, or not longer than 0."""
    seconds = position = 0
    while position < len(text):
        part = PART.match(text, position)
        unit = SPELLINGS.get(part[2], part[2]) if part else ""
        if part is None or unit not in UNITS:
            raise ValueError(text)
        seconds += int(part[1]) * UNITS[unit]
        position = part.end()
    if not 0 < seconds <= LONGEST_SECONDS:
        raise ValueError(text)
    return seconds


def words_for(seconds: int) -> str:
    """Return a duration in the words that `seconds_in` reads back as the same number."""
    parts = []
    for unit, size in UNITS.items():
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts)


class DurationField(forms.Field):
    """Whole seconds, or None where the field may be left empty."""

    widget = forms.TextInput

    def prepare_value(self, value: Any) -> Any:
        """Show a number of seconds in words, and what was typed as it was typed."""
        return words_for(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        """Return seconds, or None for an empty field. Raises ValidationError with an example."""
        text = str(value or "").strip().lower()
        if not text:
            return None
        try:
            return seconds_in(text)
        except ValueError as error:
            raise ValidationError("Write a duration such as 90 min, 2 h 30 min or 1 d.", code="invalid") from error
