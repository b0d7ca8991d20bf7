"""A log on the server: bytes by offset, and windows of numbered lines."""

import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from runs.line_index import LineIndex

WINDOW_LINES = 1_000
LONGEST_WINDOW_BYTES = 2 * 1024 * 1024
READ_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class LogWindow:
    """Some lines of a log. Lines are numbered from 1; bytes from `start_byte` up to `end_byte` were shown.

    `total_lines` counts lines in the whole log, a last one without a line feed included. `is_cut` says that the
    window ended early because its lines are very long.
    """

    first_line: int
    lines: list[str]
    start_byte: int
    end_byte: int
    total_lines: int
    is_cut: bool = False

    @property
    def last_line(self) -> int:
        """Return the number of the last line shown."""
        return self.first_line + len(self.lines) - 1


EMPTY = LogWindow(first_line=1, lines=[], start_byte=0, end_byte=0, total_lines=0)


class LogFile:
    """Reads one log file. A log that does not exist yet is empty."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def size(self) -> int:
        """Return the size in bytes."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def read(self, offset: int, limit: int) -> bytes:
        """Return at most `limit` bytes from a byte offset."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return b""
        try:
            return os.pread(descriptor, limit, offset)
        finally:
            os.close(descriptor)

    def window(self, first_line: int | None = None, count: int = WINDOW_LINES) -> LogWindow:
        """Return `count` lines from a line (from 1) on, or the last ones when `first_line` is None."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return EMPTY
        try:
            size = min(os.fstat(descriptor).st_size, 2 * settings.LOG_CAP_BYTES)  # a script can make it any size
            index = LineIndex(self.path)
            index.bring_up_to(descriptor, size)
            total = count_lines(descriptor, index, size)
            first = max(total - count + 1, 1) if first_line is None else min(max(first_line, 1), max(total, 1))
            start = start_of_line(descriptor, index, first, size)
            return read_window(descriptor, first, start, size, count, total)
        finally:
            os.close(descriptor)


def count_lines(descriptor: int, index: LineIndex, size: int) -> int:
    """Return how many lines the log has, a last one without a line feed included."""
    offset, feeds = index.offsets[-1], index.counts[-1]
    tail = os.pread(descriptor, size - offset, offset)
    last = tail[-1:] or (os.pread(descriptor, 1, size - 1) if size else b"")
    return feeds + tail.count(b"\n") + (last not in (b"\n", b""))


def start_of_line(descriptor: int, index: LineIndex, line: int, size: int) -> int:
    """Return the byte offset at which a line (from 1) starts."""
    offset, feeds = index.before_line(line - 1)
    wanted = line - 1 - feeds
    while wanted > 0 and offset < size:
        data = os.pread(descriptor, READ_BYTES, offset)
        if not data:  # the script has cut its log in this moment
            break
        found = data.count(b"\n")
        if found < wanted:
            wanted, offset = wanted - found, offset + len(data)
            continue
        place = -1
        for _ in range(wanted):
            place = data.index(b"\n", place + 1)
        return offset + place + 1
    return offset


def read_window(descriptor: int, first: int, start: int, size: int, count: int, total: int) -> LogWindow:
    """Read the lines of a window that starts at a known byte; very long lines end it early."""
    data = os.pread(descriptor, min(size - start, LONGEST_WINDOW_BYTES), start)
    pieces = data.split(b"\n")
    whole_end = start + len(data) == size
    if (not whole_end and len(pieces) > 1) or pieces[-1] == b"":
        pieces.pop()
    is_cut = not whole_end and len(pieces) < count
    pieces = pieces[:count]
    shown = sum(len(piece) + 1 for piece in pieces)
    end = min(start + shown, start + len(data))
    lines = [piece.decode("utf-8", "replace") for piece in pieces]
    return LogWindow(first, lines, start, end, total, is_cut)
