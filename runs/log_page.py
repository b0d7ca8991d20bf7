"""The part of a log that a page shows, and the ways from there to earlier and later parts."""

from dataclasses import dataclass

from runs.log_file import WINDOW_LINES, LogFile, LogWindow
from runs.models import Run
from runs.plain_text import clamp, plain_line
from runs.serving import LOG_FILES

LINES_BEFORE = 50
LONGEST_LINE_NUMBER = 15  # digits


@dataclass(frozen=True, slots=True)
class LogLine:
    """One numbered line; `left_out` counts the characters that are not shown."""

    number: int
    text: str
    left_out: int


@dataclass(frozen=True, slots=True)
class LogView:
    """A window of a log. `asked_line` is the line that the reader asked for, None at the end of the log."""

    stream: str
    window: LogWindow
    lines: list[LogLine]
    asked_line: int | None
    size_bytes: int

    @property
    def is_at_end(self) -> bool:
        """Return whether the window reaches to the end, so that new lines follow it."""
        return self.window.last_line >= (self.window.total_lines or 0)

    @property
    def earlier_line(self) -> int | None:
        """Return the line to ask for to see the window before this one."""
        first = self.window.first_line
        return None if first <= 1 else max(first - WINDOW_LINES + LINES_BEFORE, 1)

    @property
    def later_line(self) -> int | None:
        """Return the line to ask for to see the window after this one."""
        return None if self.is_at_end else self.window.last_line + 1 + LINES_BEFORE


def log_view(run: Run, stream: str, asked: str) -> LogView:
    """Return the window around a line that the reader asked for (any text; nonsense means the end of the log)."""
    file = LogFile(run.folder / LOG_FILES[stream])
    line = int(asked) if len(asked) <= LONGEST_LINE_NUMBER and asked.isascii() and asked.isdigit() else 0
    window = file.window(max(line - LINES_BEFORE, 1) if line else None)
    lines = [LogLine(number, *clamp(plain_line(text))) for number, text in enumerate(window.lines, window.first_line)]
    return LogView(stream, window, lines, line or None, file.size())


def line_of_excerpt(run: Run) -> int | None:
    """Return the number of the log line with which the failure excerpt begins, if it is near the log's end."""
    beginning = run.failure_excerpt.partition("\n")[0].strip()
    if not beginning:
        return None
    window = LogFile(run.folder / "log").window()
    found = [
        number for number, text in enumerate(window.lines, window.first_line) if plain_line(text).strip() == beginning
    ]
    return found[-1] if found else None
