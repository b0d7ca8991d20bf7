"""What a YAML or JSON text says before anybody decides what it means: scalars keep their source text.

`no`, `3.10` and `0777` are the texts "no", "3.10" and "0777" until a key that wants a boolean or a number asks.
Lines and columns count from 1; `start` and `end` are character offsets into the text, the end exclusive.
"""

from collections.abc import Iterator
from dataclasses import dataclass

NULL_TEXTS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands in its text."""

    line: int
    column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A single value. `plain` means written without quotes, block style or tag."""

    text: str
    plain: bool
    place: Place

    @property
    def is_null(self) -> bool:
        """True for nothing, `~` and `null` without quotes."""
        return self.plain and self.text in NULL_TEXTS


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list. `flow` means written with brackets."""

    items: "tuple[Node, ...]"
    flow: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a map with its value. Keys are single values and unique in their map."""

    key: ScalarNode
    value: "Node"


@dataclass(frozen=True, slots=True)
class MapNode:
    """A map, in the order of the text. `flow` means written with braces."""

    entries: tuple[Entry, ...]
    flow: bool
    place: Place

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def find(self, name: str) -> Entry | None:
        """Return the entry of a key, or None."""
        return next((entry for entry in self.entries if entry.key.text == name), None)


Node = ScalarNode | ListNode | MapNode
Plain = None | str | list["Plain"] | dict[str, "Plain"]


def plain_value_of(node: Node) -> Plain:
    """Return what a node says without its places: None, texts, lists and dictionaries."""
    if isinstance(node, ScalarNode):
        return None if node.is_null else node.text
    if isinstance(node, ListNode):
        return [plain_value_of(item) for item in node.items]
    return {entry.key.text: plain_value_of(entry.value) for entry in node}
