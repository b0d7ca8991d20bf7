"""Collects the problems of one file while it is read."""

from projects.aml_config.nodes import Node
from projects.aml_config.problems import LineChange, Problem, Severity

MAXIMUM_PROBLEMS = 100


class Findings:
    """The problems of one file, each once, in the order found, a hundred of them at most.

    A file with an error gives no value; the first error is always listed.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._is_cut = False

    def error(self, at: Node | None, text: str, remedy: str) -> None:
        """Note that the file cannot be used, at a node or for the whole file."""
        self._note("error", at, text, remedy, None)

    def warning(self, at: Node | None, text: str, remedy: str, change: LineChange | None = None) -> None:
        """Note something that the user should know; `change` mends it."""
        self._note("warning", at, text, remedy, change)

    @property
    def has_errors(self) -> bool:
        """True when the file cannot be used."""
        return any(problem.severity == "error" for problem in self.problems)

    def _note(self, severity: Severity, at: Node | None, text: str, remedy: str, change: LineChange | None) -> None:
        line, column = (at.place.line, at.place.column) if at else (None, None)
        problem = Problem(severity, self.file, line, column, text, remedy, change)
        if problem in self.problems:
            return
        if len(self.problems) < MAXIMUM_PROBLEMS or (severity == "error" and not self.has_errors):
            self.problems.append(problem)
        elif not self._is_cut:
            self._is_cut = True
            text = f"The file has more than {MAXIMUM_PROBLEMS} problems; the others are not listed."
            self.problems.append(Problem("warning", self.file, None, None, text, "Mend these first."))


def shortened(text: str) -> str:
    """Return a text in quotes for a message: escapes for what cannot be seen, at most 60 characters of it."""
    shown = text if len(text) <= 60 else text[:60] + "…"
    return ascii(shown) if not shown.isprintable() else f'"{shown}"'
