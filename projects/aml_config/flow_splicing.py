"""Changes one key of a map that is written with braces, JSON above all, touching only that key."""

from projects.aml_config.nodes import Entry, MapNode
from projects.aml_config.rendering import flow_text, scalar_text


def replaced_in_flow(text: str, entry: Entry, value: object) -> str:
    """Return the text with another value for an entry."""
    start, end = entry.value.place.start, entry.value.place.end
    lead = "" if text[start - 1 : start].isspace() or text[start:end] else " "
    return text[:start] + lead + flow_text(value, quoted=True) + text[end:]


def removed_from_flow(text: str, node: MapNode, entry: Entry) -> str:
    """Return the text without an entry and the comma that belonged to it."""
    index = node.entries.index(entry)
    if index + 1 < len(node.entries):
        return text[: entry.key.place.start] + text[node.entries[index + 1].key.place.start :]
    if index > 0:
        return text[: node.entries[index - 1].value.place.end] + text[entry.value.place.end :]
    inside = text[node.place.start + 1 : entry.key.place.start].rstrip()
    return text[: node.place.start + 1] + inside + text[node.place.end - 1 :]


def added_to_flow(text: str, node: MapNode, key: str, value: object) -> str:
    """Return the text with a new last key, laid out like the key that was last."""
    pair = f"{scalar_text(key, quoted=True)}: {flow_text(value, quoted=True)}"
    if not node.entries:
        inside = node.place.start + 1
        return text[:inside] + pair + text[inside:]
    last = node.entries[-1]
    lead = text[text.rfind("\n", 0, last.key.place.start) + 1 : last.key.place.start]
    own_line = not lead.strip() and "\n" in text[node.place.start : last.key.place.start]
    separator = ("\r\n" if "\r\n" in text else "\n") + lead if own_line else " "
    end = last.value.place.end
    return f"{text[:end]},{separator}{pair}{text[end:]}"
