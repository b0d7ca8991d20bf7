"""One finding of a check: whether something is right, in words, and what to do if not."""

import time
from collections.abc import Callable

from computes.contract import CheckItem
from computes.errors import TargetError

Finding = tuple[bool, str, str]
"""Whether it is right, what was seen, and the remedy; a remedy beside what is right is advice."""


def timed(name: str, look: Callable[[], Finding]) -> CheckItem:
    """Return one finding with the time that it took. An error of the target is one, too."""
    began = time.monotonic()
    try:
        ok, detail, remedy = look()
    except TargetError as error:
        ok, detail, remedy = False, error.text, error.remedy
    return CheckItem(name, ok, detail, remedy, round((time.monotonic() - began) * 1000, 1))
