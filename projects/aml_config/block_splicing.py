"""Changes one key of a map that is written in lines, touching only the characters of that key's value."""

import re

from projects.aml_config.nodes import Entry, MapNode
from projects.aml_config.rendering import block_lines, entry_lines, flow_text

_HEAD = re.compile(r"[ \t]*:[ \t]*(#[^\r\n]*)?")


def replaced_in_block(text: str, entry: Entry, value: object) -> str | None:
    """Return the text with another value for an entry; None when the key is written in a way that is not changed."""
    before = text[: entry.key.place.end]
    head = _HEAD.match(text, entry.key.place.end)
    indentation = _indentation(text, entry)
    if head is None or indentation is None:
        return None
    end = _end_of(text, entry)
    above = head[1] if head[1] and head.end() <= entry.value.place.start else ""
    below = block_lines(value, indentation + 2)
    if below is None:
        comment = f"  {above}" if above else ""
        return f"{before}: {flow_text(value)}{comment}{text[end:]}"
    rest = text[end : _line_end(text, end)]
    newline = newline_of(text)
    comment = above or rest.strip()
    first = f":  {comment}" if comment else ":"
    tail = f"  {rest.strip()}" if above and rest.strip() else ""
    return f"{before}{first}{newline}{newline.join(below)}{tail}{text[_line_end(text, end) :]}"


def removed_from_block(text: str, entry: Entry) -> str | None:
    """Return the text without the lines of an entry; comments above them stay."""
    if _indentation(text, entry) is None:
        return None
    begin = text.rfind("\n", 0, entry.key.place.start) + 1
    end = _line_end(text, _end_of(text, entry))
    following = re.compile(r"\r?\n|\r|$").match(text, end)
    return text[:begin] + text[following.end() if following else end :]


def added_to_block(text: str, node: MapNode | None, key: str, value: object) -> str | None:
    """Return the text with a new last key, behind the lines of the key that was last."""
    newline = newline_of(text)
    if node is None or not node.entries:
        lead = "" if not text or text.endswith("\n") else newline
        return text + lead + "".join(line + newline for line in entry_lines(key, value))
    last = node.entries[-1]
    indentation = _indentation(text, last)
    if indentation is None:
        return None
    end = _line_end(text, _end_of(text, last))
    return text[:end] + "".join(newline + line for line in entry_lines(key, value, indentation)) + text[end:]


def newline_of(text: str) -> str:
    """Return the line end that a text is written with."""
    return "\r\n" if "\r\n" in text else "\n"


def _indentation(text: str, entry: Entry) -> int | None:
    """Return the blanks before a key; None when something else stands before it in its line."""
    lead = text[text.rfind("\n", 0, entry.key.place.start) + 1 : entry.key.place.start]
    return len(lead) if not lead.strip(" ") else None


def _end_of(text: str, entry: Entry) -> int:
    """Return where the value ends, without the line breaks that belong to a block text."""
    start = max(entry.value.place.start, entry.key.place.end + 1)
    return max(len(text[: entry.value.place.end].rstrip()), start)


def _line_end(text: str, offset: int) -> int:
    found = re.compile(r"[^\r\n]*").match(text, offset)
    return found.end() if found else len(text)
