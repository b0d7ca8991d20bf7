"""Writes values as YAML or JSON that every reader takes for the same: a text in doubt goes into double quotes."""

import json
import math
import re
from collections.abc import Mapping

LINE_WIDTH = 100

_SAFE_TEXT = re.compile(r"[A-Za-z_./~][A-Za-z0-9_./+=@$~ -]*(?<! )")
_OTHER_MEANINGS = re.compile(r"(?:y|n|yes|no|on|off|true|false|null|~|\.inf|\.nan|[.][0-9].*|[.]*)", re.IGNORECASE)
_ESCAPED = re.compile(r"[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def scalar_text(value: object, *, quoted: bool = False) -> str:
    """Return one value as YAML; with `quoted`, as JSON. Raises TypeError for what is not a single value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int | float) and math.isfinite(value):
        return repr(value)
    if not isinstance(value, str):
        raise TypeError(f"a configuration file cannot hold a {type(value).__name__}")
    if not quoted and _SAFE_TEXT.fullmatch(value) and not _OTHER_MEANINGS.fullmatch(value):
        return value
    return _ESCAPED.sub(lambda character: f"\\u{ord(character[0]):04x}", json.dumps(value, ensure_ascii=False))


def flow_text(value: object, *, quoted: bool = False) -> str:
    """Return any value in one line, with brackets and braces; with `quoted`, as JSON."""
    if isinstance(value, Mapping):
        pairs = (
            f"{scalar_text(str(key), quoted=quoted)}: {flow_text(item, quoted=quoted)}" for key, item in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow_text(item, quoted=quoted) for item in value) + "]"
    return scalar_text(value, quoted=quoted)


def block_lines(value: object, indentation: int) -> list[str] | None:
    """Return the lines of a map, or of a list that is too long for one line; None for what fits behind its key."""
    blanks = " " * indentation
    if isinstance(value, Mapping) and value:
        lines: list[str] = []
        for key, item in value.items():
            below = block_lines(item, indentation + 2)
            name = scalar_text(str(key))
            lines += [f"{blanks}{name}:", *below] if below else [f"{blanks}{name}: {flow_text(item)}"]
        return lines
    if isinstance(value, list | tuple) and len(flow_text(value)) > LINE_WIDTH:
        return [f"{blanks}- {flow_text(item)}" for item in value]
    return None


def entry_lines(key: str, value: object, indentation: int = 0) -> list[str]:
    """Return the lines of one key with its value."""
    below = block_lines(value, indentation + 2)
    name = " " * indentation + scalar_text(key)
    return [f"{name}:", *below] if below else [f"{name}: {flow_text(value)}"]


def as_read(value: object) -> object:
    """Return what `nodes.plain_value_of` gives for a value that was written: texts, lists, dictionaries and None."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return {str(key): as_read(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_read(item) for item in value]
    return value if isinstance(value, str) else scalar_text(value)
