"""A form field for environment variables, one NAME=value a line."""

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
RESERVED_PREFIX = "AMLWEB_"
LONGEST_TEXT = 60_000


class VariablesField(forms.Field):
    """A map of names to values. Blank lines are ignored, values are literal: nothing is quoted or expanded."""

    widget = forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """Show a map as lines, and what was typed as it was typed."""
        return "\n".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> dict[str, str]:
        """Return the map of some lines, or of a map that a call of the API sends. Raises ValidationError with the
        number of each line or the name that is not right."""
        if isinstance(value, dict):
            entries = [(f"The name {name[:80]!r}", name, text) for name, text in value.items()]
        else:
            entries = list(_entries_in(str(value or "").replace("\r\n", "\n")))
        if sum(len(name) + len(text) for _, name, text in entries) > LONGEST_TEXT:
            raise ValidationError(f"At most {LONGEST_TEXT:,} characters.")
        variables: dict[str, str] = {}
        problems = []
        for place, name, text in entries:
            if not NAME.match(name):
                problems.append(f"{place} must look like NAME=value.")
            elif "\0" in text:
                problems.append(f"{place}: a value cannot hold a NUL.")
            elif "\n" in text or "\r" in text:
                problems.append(f"{place}: a value here is one line. Give longer ones to runs.")
            elif name.startswith(RESERVED_PREFIX):
                problems.append(f"{place}: names that begin with {RESERVED_PREFIX} are set by amlweb itself.")
            elif name in variables:
                problems.append(f"{place} sets {name} a second time.")
            else:
                variables[name] = text
        if problems:
            raise ValidationError(problems)
        return variables


def _entries_in(lines: str) -> Iterator[tuple[str, str, str]]:
    """Yield where each variable stands, its name (empty where there is no =) and its value."""
    for number, line in enumerate(lines.split("\n"), start=1):
        name, equals, text = line.partition("=")
        if line.strip():
            yield f"Line {number}", name.strip() if equals else "", text
