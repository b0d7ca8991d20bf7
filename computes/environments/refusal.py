"""The refusal of a line of a project's file: which file and line, what is wrong with it, and what to write instead."""

import re

from computes.environments.masking import MASK
from computes.errors import PreparationFailed

_MAYBE_LOGIN = re.compile(r"[^\s/]+:\S*@")


def refuse(source: str, line: int | None, what: str, remedy: str) -> PreparationFailed:
    """Return the error to raise; `what` begins with a capital letter and never repeats a secret."""
    where = f"{source}, line {line}: " if line else f"{source}: "
    return PreparationFailed(f"{where}{what}", remedy)


def shown(text: str) -> str:
    """Return a user's text as it may stand in a message: on one line, not too long, quoted, without what may be a
    password."""
    text = _MAYBE_LOGIN.sub(f"{MASK}@", text)
    return ascii(text[:120]) if not text[:120].isprintable() else f"`{text[:120]}`"
