"""What pip said of its failure, and which lines of a project's file that is about."""

import re
from collections.abc import Sequence

from computes.environments.contract import EnvironmentSpec
from computes.environments.where_asked import where_asked
from computes.errors import PreparationFailed

_ERROR = re.compile(r"\s*(?:error|ERROR):")
_AT_WORK_ON = re.compile(r"\s*(?:Collecting|Processing|Building wheel for) ")


class PipFailed(PreparationFailed):
    """pip could not do what it was asked for. `said` are its lines, the last ones at least."""

    def __init__(self, text: str, remedy: str, said: Sequence[str]) -> None:
        super().__init__(text, remedy)
        self.said = tuple(said)


def said_of_failure(lines: Sequence[str]) -> str:
    """Return pip's own words from its first error on: what a package's build printed stands between the first and the
    last. All that it said where nothing is called an error."""
    return "\n".join(lines[_first_error(lines) :])


def where_failed(spec: EnvironmentSpec, lines: Sequence[str]) -> str:
    """Return lines to add to an error: the entries whose packages it names, else the one that pip was at work on."""
    found = where_asked(spec, said_of_failure(lines), spec.pip)
    before = [line for line in lines[: _first_error(lines)] if _AT_WORK_ON.match(line)]
    return found or where_asked(spec, "".join(before[-1:]), spec.pip)


def _first_error(lines: Sequence[str]) -> int:
    return next((number for number, line in enumerate(lines) if _ERROR.match(line)), 0)
