"""Reads the keys of one map by the type that each key has; what does not fit becomes a problem at its place."""

import re
from collections.abc import Mapping

from projects.aml_config.findings import Findings, shortened
from projects.aml_config.keys import KeyTable
from projects.aml_config.nodes import Entry, ListNode, MapNode, Node, ScalarNode
from projects.aml_config.unknown_keys import read_unknown_keys

TRUE_TEXTS = frozenset({"true", "yes", "on"})
FALSE_TEXTS = frozenset({"false", "no", "off"})
MAXIMUM_CHARACTERS = 1_000

_SECONDS = re.compile(r"[0-9]{1,9}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


class Fields:
    """The keys of one map. Methods return None for a key that is absent, null or wrong; wrong is also a finding."""

    def __init__(self, findings: Findings, node: MapNode, table: KeyTable, hints: Mapping[str, str] | None = None):
        self.findings = findings
        self.node = node
        self.unknown = read_unknown_keys(findings, node, table, hints or {})
        self._given = {entry.key.text: entry for entry in node if entry.key.text in table and not _is_null(entry.value)}

    @property
    def given(self) -> frozenset[str]:
        """The known keys that the file says something about."""
        return frozenset(self._given)

    def entry(self, name: str) -> Entry | None:
        """Return the entry of a key that is there and not null."""
        return self._given.get(name)

    def says_null(self, name: str) -> bool:
        """True when the key is there and its value is nothing, `~` or null."""
        return name not in self._given and self.node.find(name) is not None

    def text(self, name: str) -> str | None:
        """Return the source text of a single value in one line."""
        entry = self.entry(name)
        if entry is None:
            return None
        if not isinstance(entry.value, ScalarNode):
            self.findings.error(entry.value, f"`{name}` must be a single value.", f"Write `{name}: value`.")
            return None
        if _CONTROL.search(entry.value.text) or not entry.value.text.strip():
            self.findings.error(entry.value, f"`{name}` is blank or has a line break.", "Write it in one line.")
            return None
        if len(entry.value.text) > MAXIMUM_CHARACTERS:
            text = f"`{name}` is longer than {MAXIMUM_CHARACTERS:,} characters."
            self.findings.error(entry.value, text, "Write a shorter one.")
            return None
        return entry.value.text

    def choice(self, name: str, choices: tuple[str, ...]) -> str | None:
        """Return the choice that the text names; upper and lower case are the same."""
        text = self.text(name)
        if text is None:
            return None
        found = next((choice for choice in choices if choice.lower() == text.lower()), None)
        if found is None:
            what = f"`{name}` is {shortened(text)}, which is none of its values."
            self.findings.error(self._given[name].value, what, f"Write one of: {', '.join(choices)}.")
        return found

    def boolean(self, name: str) -> bool | None:
        """Return true/yes/on or false/no/off, in any case."""
        text = self.text(name)
        if text is None:
            return None
        if text.lower() in TRUE_TEXTS | FALSE_TEXTS:
            return text.lower() in TRUE_TEXTS
        what = f"`{name}` is {shortened(text)}, neither true nor false."
        self.findings.error(self._given[name].value, what, "Write true or false.")
        return None

    def seconds(self, name: str) -> int | None:
        """Return a whole number of seconds, at least 1 and less than 10^9."""
        text = self.text(name)
        if text is None:
            return None
        if _SECONDS.fullmatch(text) and int(text) > 0:
            return int(text)
        what = f"`{name}` is {shortened(text)}, not a whole number of seconds above 0."
        self.findings.error(self._given[name].value, what, "Write for example 3600, or remove the line.")
        return None

    def items(self, name: str) -> tuple[Node, ...] | None:
        """Return the items of a list, as nodes."""
        entry = self.entry(name)
        if entry is None:
            return None
        if isinstance(entry.value, ListNode):
            return entry.value.items
        self.findings.error(entry.value, f"`{name}` must be a list.", f"Write `{name}: [a, b]`, or a line `- a` each.")
        return None

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return the source texts of a list of single values, literally."""
        items = self.items(name)
        if items is None:
            return None
        read = tuple(self.item_text(item, f"An item of `{name}`") for item in items)
        return tuple(text for text in read if text is not None)

    def item_text(self, node: Node, what: str) -> str | None:
        """Return the source text of a single value inside a list or map; null is an empty text."""
        if isinstance(node, ScalarNode):
            return "" if node.is_null and node.text == "" else node.text
        remedy = "Put it in quotes if it holds a colon, a bracket or a brace that is meant literally."
        self.findings.error(node, f"{what} must be a single value, not a list or a map.", remedy)
        return None

    def map_entries(self, name: str) -> tuple[Entry, ...]:
        """Return the entries of a map; none when it is absent."""
        entry = self.entry(name)
        if entry is None:
            return ()
        if isinstance(entry.value, MapNode):
            return entry.value.entries
        self.findings.error(
            entry.value, f"`{name}` must be a map.", f"Write a line `name: value` each below `{name}:`."
        )
        return ()

    def text_map(self, name: str) -> dict[str, str]:
        """Return a map of names to source texts, literally; `null` becomes an empty text with a warning."""
        read: dict[str, str] = {}
        for entry in self.map_entries(name):
            text = self.item_text(entry.value, f"The value of {shortened(entry.key.text)} in `{name}`")
            if isinstance(entry.value, ScalarNode) and entry.value.is_null and text:
                what = f"The value of {shortened(entry.key.text)} is {text}, which is taken as an empty text."
                self.findings.warning(entry.value, what, "Put the word in quotes if it is meant.")
                text = ""
            if text is not None:
                read[entry.key.text] = text
        return read


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.is_null
