"""The refusal of a line of a project's file: which file and line, what is wrong with it, and what to write instead."""

import re

from computes.environments.masking import MASK
from computes.errors import PreparationFailed

_WORD = re.compile(r"\S+")


def refuse(source: str, line: int | None, what: str, remedy: str) -> PreparationFailed:
    """Return the error to raise; `what` begins with a capital letter and never repeats a secret."""
    where = f"{source}, line {line}: " if line else f"{source}: "
    return PreparationFailed(f"{where}{what}", remedy)


def shown(text: str) -> str:
    """Return a user's text as it may stand in a message: on one line, not too long, quoted, without what may be a
    password."""
    text = _WORD.sub(_without_login, text)
    return ascii(text[:120]) if not text[:120].isprintable() else f"`{text[:120]}`"


def _without_login(word: re.Match[str]) -> str:
    """Return a word without what stands before its last @, since the part of a path that has a colon. It takes time in
    proportion to the word, as a pattern would not."""
    before, _, after = word[0].rpartition("@")
    start = 0
    for part in before.split("/"):
        if ":" in part[1:]:
            return f"{before[:start]}{MASK}@{after}"
        start += len(part) + 1
    return word[0]
