"""A form field for a size, typed the way people say it: "8 GiB", "512 MB", "1.5 TiB"."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from computes.sizes import bytes_in, size_for

LARGEST_BYTES = 2**50


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
