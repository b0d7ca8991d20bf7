"""Keys that a file has and we do not know: they are kept, shown and warned about, with a guess at what was meant."""

import difflib
from collections.abc import Mapping

from projects.aml_config.findings import Findings, shortened
from projects.aml_config.keys import KeyTable
from projects.aml_config.nodes import ListNode, MapNode, Node, ScalarNode

HIDDEN = "(hidden)"

_SECRET_WORDS = ("password", "passwd", "passphrase", "secret", "token", "privatekey", "private_key", "credential")
_SHOWN_CHARACTERS = 200
_GUESSED_KEYS = 50


def read_unknown_keys(findings: Findings, node: MapNode, table: KeyTable, hints: Mapping[str, str]) -> dict[str, str]:
    """Return the unknown keys of a map with their values as short texts, and warn about each.

    `hints` says what other products' names are called here. Values of keys that look like secrets are hidden.
    """
    unknown: dict[str, str] = {}
    for entry in node:
        name = entry.key.text
        if name in table:
            continue
        glued = next((known for known in table if name.lower().startswith(f"{known.lower()}:")), None)
        if glued is not None:
            findings.error(entry.key, f"There is no blank after `{glued}:`.", f"Write `{glued}: value`.")
            continue
        findings.warning(
            entry.key,
            f"The key {shortened(name)} is not known; it has no effect.",
            _remedy(name, table, hints, guess=len(unknown) < _GUESSED_KEYS),
        )
        unknown[name] = HIDDEN if _sounds_secret(name) else _as_text(entry.value)[:_SHOWN_CHARACTERS]
    return unknown


def _remedy(name: str, table: KeyTable, hints: Mapping[str, str], *, guess: bool) -> str:
    if name in hints:
        return f"It is called {hints[name]} here."
    known_by_lower_case = {known.lower(): known for known in table}
    close = difflib.get_close_matches(name.lower()[:60], known_by_lower_case, n=1, cutoff=0.7) if guess else []
    if close:
        return f"Did you mean `{known_by_lower_case[close[0]]}`?"
    return "Remove it, or leave it: it is kept when the file is changed here."


def _sounds_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET_WORDS)


def _as_text(node: Node) -> str:
    """Return a value in one line, for showing; secrets inside it are hidden too."""
    if isinstance(node, ScalarNode):
        return node.text
    if isinstance(node, ListNode):
        return "[" + ", ".join(_as_text(item) for item in node.items) + "]"
    assert isinstance(node, MapNode)
    shown = (
        f"{entry.key.text}: {HIDDEN if _sounds_secret(entry.key.text) else _as_text(entry.value)}" for entry in node
    )
    return "{" + ", ".join(shown) + "}"
