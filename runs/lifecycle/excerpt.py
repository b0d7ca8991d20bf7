"""The part of a log that says why a script failed: its last traceback, or its last lines."""

import re
from dataclasses import dataclass

from runs.log_file import LogFile

TAIL_BYTES = 256 * 1024
MOST_LINES = 60
LAST_LINES = 15
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
START = "Traceback (most recent call last):"
FROM_JAVA = "py4j.protocol.Py4JJavaError: "


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines for the page, and the one line that names the error (empty when there is no traceback)."""

    text: str = ""
    error: str = ""


def failure_excerpt(log: LogFile) -> Excerpt:
    """Pick the last traceback out of the end of a log; without one, the last lines."""
    size = log.size()
    text = log.read(max(size - TAIL_BYTES, 0), TAIL_BYTES).decode("utf-8", "replace")
    lines = [
        ANSI.sub("", line.rsplit("\r", 1)[-1] if not line.endswith("\r") else line[:-1]) for line in text.split("\n")
    ]
    starts = [number for number, line in enumerate(lines) if line.strip() == START]
    if not starts:
        return Excerpt("\n".join([line for line in lines if line.strip()][-LAST_LINES:])[:10_000])
    end = end_of_traceback(lines, starts[-1] + 1)
    picked = lines[starts[-1] : end]
    error = error_in(picked)
    if error.startswith(FROM_JAVA) and lines[end : end + 1] and lines[end].startswith(": "):
        cause = cause_in_java(lines, end)
        picked, error = [*picked, *cause], error_in(cause) or cause[0][2:]
    if len(picked) > MOST_LINES:
        picked = [*picked[:3], "  …", *picked[-(MOST_LINES - 4) :]]
    return Excerpt("\n".join(picked)[:10_000], error[:1_000])


def error_in(traceback: list[str]) -> str:
    """Return the line of a traceback that names the error."""
    return next((line for line in traceback[1:] if line and not line[0].isspace()), "")


def cause_in_java(lines: list[str], place: int) -> list[str]:
    """Return what Java said of an error that Python calls its own: one line, and the traceback of a worker of Spark
    where that was the cause."""
    if not lines[place].endswith(f"PythonException: {START}"):
        return lines[place : place + 1]
    return lines[place : end_of_traceback(lines, place + 1)]


def end_of_traceback(lines: list[str], start: int) -> int:
    """Return the index behind a traceback: indented frames, then the error's own lines."""
    place = start
    while place < len(lines) and (lines[place].startswith(" ") or not lines[place].strip()):
        place += 1
    place += 1
    while place < len(lines) and lines[place].startswith(("  ", "\t")):
        place += 1
    return min(place, len(lines))
