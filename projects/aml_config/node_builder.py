"""Builds nodes from the events of a YAML parser, refusing what a configuration file never needs.

Refused: duplicate keys, keys that are no names, merge keys, tags, more than 50 aliases, an alias to itself, depth over
50, more than 20,000 values (aliases counted in full), a second document. It keeps a stack of its own, so no input
reaches Python's recursion limit.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from projects.aml_config.nodes import Entry, ListNode, MapNode, Node, Place, ScalarNode
from projects.aml_config.problems import AmlConfigError, Problem

MAXIMUM_ALIASES = 50
MAXIMUM_DEPTH = 50
MAXIMUM_VALUES = 20_000

_TAG = "tag:yaml.org,2002:"
_TAGS = {yaml.ScalarEvent: {None, "!", _TAG + "str"}, yaml.SequenceStartEvent: {None, "!", _TAG + "seq"}}
_MAP_TAGS = {None, "!", _TAG + "map"}
_UNSAFE = re.compile(r"[\0\ud800-\udfff]")


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not been seen. `size` counts values in it, `height` the levels below it."""

    event: Any
    items: list[Node] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    key: ScalarNode | None = None
    lines: dict[str, int] = field(default_factory=dict)
    size: int = 1
    height: int = 1
    end: int = 0


class NodeBuilder:
    """Takes events one by one; `root` is the finished document. Raises AmlConfigError on what is refused."""

    def __init__(self, file: str) -> None:
        self.root: Node | None = None
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        self._pending_anchors: set[str] = set()
        self._aliases = self._documents = self._values = 0

    def take(self, event: Any) -> None:
        """Take the next event of the stream."""
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._refusal(event, "A second document begins here.", "Keep one document in the file.")
        elif isinstance(event, yaml.AliasEvent):
            self._take_alias(event)
        elif isinstance(event, yaml.ScalarEvent):
            self._take_scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._finish(event)

    def _take_scalar(self, event: Any) -> None:
        self._check_tag(event)
        if _UNSAFE.search(event.value):
            raise self._refusal(event, "The value holds a NUL or half a character (a surrogate).", "Remove it.")
        plain = event.tag is None and bool(event.implicit[0])
        node = ScalarNode(event.value, plain, _place(event, event.end_mark.index))
        self._add(event, node, 1, 0)

    def _take_alias(self, event: Any) -> None:
        self._aliases += 1
        if self._aliases > MAXIMUM_ALIASES:
            raise self._refusal(event, f"There are more than {MAXIMUM_ALIASES} aliases.", "Write the values out.")
        if event.anchor in self._pending_anchors:
            raise self._refusal(event, "The alias refers to the value that it is part of.", "Remove the alias.")
        if event.anchor not in self._anchors:
            raise self._refusal(
                event, "The alias refers to nothing before it.", "Put a text that begins with * in quotes."
            )
        node, size, height = self._anchors[event.anchor]
        self._add(event, replace(node, place=_place(event, event.end_mark.index)), size, height)

    def _begin(self, event: Any) -> None:
        self._check_tag(event)
        if len(self._open) >= MAXIMUM_DEPTH:
            raise self._too_deep(event)
        if event.anchor:
            self._pending_anchors.add(event.anchor)
        self._open.append(_Open(event))

    def _finish(self, event: Any) -> None:
        done = self._open.pop()
        flow = bool(done.event.flow_style)
        place = _place(done.event, event.end_mark.index if flow else done.end)
        node: Node
        if isinstance(done.event, yaml.SequenceStartEvent):
            node = ListNode(tuple(done.items), flow, place)
        else:
            node = MapNode(tuple(done.entries), flow, place)
        self._pending_anchors.discard(done.event.anchor)
        self._add(done.event, node, done.size, done.height)

    def _add(self, event: Any, node: Node, size: int, height: int) -> None:
        if event.anchor and not isinstance(event, yaml.AliasEvent):
            self._anchors[event.anchor] = (node, size, height)
        if len(self._open) + height > MAXIMUM_DEPTH:
            raise self._too_deep(event)
        self._values += size if isinstance(event, yaml.AliasEvent) else 1
        if self._values > MAXIMUM_VALUES:
            raise self._refusal(event, f"There are more than {MAXIMUM_VALUES:,} values.", "Keep data out of the file.")
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        parent.size += size
        parent.height = max(parent.height, height + 1)
        parent.end = max(parent.end, node.place.end)
        if isinstance(parent.event, yaml.SequenceStartEvent):
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self._checked_key(event, node, parent)
        else:
            parent.entries.append(Entry(parent.key, node))
            parent.key = None

    def _checked_key(self, event: Any, node: Node, parent: _Open) -> ScalarNode:
        if not isinstance(node, ScalarNode) or node.is_null:
            raise self._refusal(event, "A key must be a name.", "Write `name: value`.")
        if node.plain and node.text == "<<":
            raise self._refusal(event, "Merge keys (<<) are not read.", "Write the merged keys out.")
        if node.text in parent.lines:
            text = f"This key stands here for the second time; the first is in line {parent.lines[node.text]}."
            raise self._refusal(event, text, "Remove one of the two.")
        parent.lines[node.text] = node.place.line
        return node

    def _check_tag(self, event: Any) -> None:
        if event.tag not in _TAGS.get(type(event), _MAP_TAGS):
            raise self._refusal(event, "Tags (words that begin with !) are not read.", "Remove the tag.")

    def _too_deep(self, event: Any) -> AmlConfigError:
        return self._refusal(event, f"The values are nested more than {MAXIMUM_DEPTH} deep.", "Remove the nesting.")

    def _refusal(self, event: Any, text: str, remedy: str) -> AmlConfigError:
        place = _place(event, event.end_mark.index)
        return AmlConfigError(Problem("error", self._file, place.line, place.column, text, remedy))


def _place(event: Any, end: int) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1, mark.index, max(end, mark.index))
