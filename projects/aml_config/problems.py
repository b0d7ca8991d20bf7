"""What can be wrong with a configuration file, said with its place and its remedy.

Exception
└── AmlConfigError      a file that cannot be read or changed at all; carries one Problem
"""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class LineChange:
    """A change of one line (1-based) that mends a problem: `before` is what stands there now."""

    line: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding in one file. Line and column count from 1; None where the whole file is meant.

    An error means that the file cannot be used; a warning that it can. Neither ever contains a password.
    """

    severity: Severity
    file: str
    line: int | None
    column: int | None
    text: str
    remedy: str
    change: LineChange | None = None

    @property
    def sentence(self) -> str:
        """Return the whole finding in words: where, what, and what to do."""
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{where}: {self.text} {self.remedy}"

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return f"{place}: {self.text} {self.remedy}"


class AmlConfigError(Exception):
    """A configuration file that cannot be read, or a change that cannot be made. `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem
