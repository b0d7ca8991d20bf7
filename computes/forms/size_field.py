"""A form field for a size, typed the way people say it: "8 GiB", "512 MB", "1.5 TiB"."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

UNITS = {
    "": 1, "b": 1,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
    "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40,
}  # fmt: skip
SHOWN = (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))
SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,3})?)\s*([a-z]{0,3})\Z", re.ASCII)
LARGEST_BYTES = 2**50


def bytes_in(text: str) -> int:
    """Return the bytes of a size in words. Raises ValueError when it is none."""
    found = SIZE.match(text.strip().lower())
    if found is None or found[2] not in UNITS:
        raise ValueError(text)
    return int(float(found[1]) * UNITS[found[2]])


def size_for(size: int) -> str:
    """Return a size in words that `bytes_in` reads back as the same number."""
    for unit, factor in SHOWN:
        if size >= factor and size % factor == 0:
            return f"{size // factor} {unit}"
    return f"{size} B"


class SizeField(forms.Field):
    """Whole bytes, or None where the field may be left empty. `smallest` is what a program needs at least."""

    widget = forms.TextInput

    def __init__(self, *, smallest: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.smallest = smallest

    def prepare_value(self, value: Any) -> Any:
        """Show a number of bytes in words, and what was typed as it was typed."""
        return size_for(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        """Return bytes, or None for an empty field. Raises ValidationError with an example."""
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        try:
            size = bytes_in(text)
        except ValueError as error:
            raise ValidationError("Write a size such as 8 GiB or 512 MiB.", code="invalid") from error
        if not self.smallest <= size <= LARGEST_BYTES:
            raise ValidationError(f"From {size_for(self.smallest)} to {size_for(LARGEST_BYTES)}.", code="range")
        return size
