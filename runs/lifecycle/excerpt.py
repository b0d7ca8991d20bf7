"""The part of a log that says why a script failed: its last traceback, or its last lines."""

import re
from dataclasses import dataclass

from runs.log_file import LogFile

TAIL_BYTES = 256 * 1024
MOST_LINES = 60
LAST_LINES = 15
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
START = "Traceback (most recent call last):"


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
    error = next((line for line in picked[1:] if line and not line[0].isspace()), "")
    if len(picked) > MOST_LINES:
        picked = [*picked[:3], "  …", *picked[-(MOST_LINES - 4) :]]
    return Excerpt("\n".join(picked)[:10_000], error[:1_000])


def end_of_traceback(lines: list[str], start: int) -> int:
    """Return the index behind a traceback: indented frames, then the error's own lines."""
    place = start
    while place < len(lines) and (lines[place].startswith(" ") or not lines[place].strip()):
        place += 1
    place += 1
    while place < len(lines) and lines[place].startswith(("  ", "\t")):
        place += 1
    return min(place, len(lines))
