"""One step of a verification, and writing steps down as they end."""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from computes.errors import TargetError

SEND = "Send this report to the authors of amlweb."


class Outcome(StrEnum):
    """How a step ended. One that was not tried holds no more than one that failed."""

    HELD = "held"
    FAILED = "failed"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Step:
    """What was tried, how long it took, what was expected and seen. `log` is what the target wrote of a failure."""

    name: str
    outcome: Outcome
    milliseconds: float
    expected: str
    seen: str
    remedy: str = ""
    log: str = ""


class NotAsExpected(Exception):
    """A step saw something else than it expected. The text says what; `remedy` what to do, where that is known."""

    def __init__(self, seen: str, remedy: str = "") -> None:
        super().__init__(seen)
        self.remedy = remedy


@dataclass
class Steps:
    """The steps so far. Each is told at once."""

    tell: Callable[[Step], None]
    done: list[Step] = field(default_factory=list)

    def add(self, step: Step) -> bool:
        """Write a step down; return whether it held."""
        self.done.append(step)
        self.tell(step)
        return step.outcome is Outcome.HELD

    def attempt(
        self, name: str, expected: str, deed: Callable[[], str], log: Callable[[], str] = lambda: "", after: bool = True
    ) -> bool:
        """Do a step, which returns what it saw; return whether it held. Not `after` what it builds on: not tried."""
        if not after:
            return self.add(Step(name, Outcome.NOT_TRIED, 0.0, expected, "A step before it failed."))
        began = time.monotonic()
        outcome, remedy, more = Outcome.FAILED, "", ""
        try:
            seen, outcome = deed(), Outcome.HELD
        except NotAsExpected as error:
            seen, remedy = str(error), error.remedy
        except TargetError as error:
            seen, remedy = error.text, error.remedy
        except Exception as error:  # noqa: BLE001 (a report must be written also of our own mistakes)
            seen, remedy, more = f"amlweb made a mistake: {error!r}", SEND, traceback.format_exc(limit=-4)
        milliseconds = round((time.monotonic() - began) * 1000, 1)
        said = "" if outcome is Outcome.HELD else "\n".join(filter(None, (more, log())))
        return self.add(Step(name, outcome, milliseconds, expected, seen, remedy, said))
