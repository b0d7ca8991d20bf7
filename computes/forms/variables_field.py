"""A form field for environment variables, one NAME=value a line."""

import re
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
        """Return the map. Raises ValidationError with the number of each line that is not right."""
        variables: dict[str, str] = {}
        problems = []
        if isinstance(value, dict):  # from a call of the API: values may have several lines
            lines = [f"{name}={text}" for name, text in value.items()]
        else:
            lines = str(value or "").replace("\r\n", "\n").split("\n")
        if sum(map(len, lines)) > LONGEST_TEXT or any("\0" in line for line in lines):
            raise ValidationError(f"At most {LONGEST_TEXT:,} characters, and no NUL.")
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            name, equals, rest = line.partition("=")
            name = name.strip()
            if not equals or not NAME.match(name):
                problems.append(f"Line {number} must look like NAME=value.")
            elif name.startswith(RESERVED_PREFIX):
                problems.append(f"Line {number}: names that begin with {RESERVED_PREFIX} are set by amlweb itself.")
            elif name in variables:
                problems.append(f"Line {number} sets {name} a second time.")
            else:
                variables[name] = rest
        if problems:
            raise ValidationError(problems)
        return variables
