"""The Range header (RFC 9110 §14): which part of a file a client asks for. Offsets and sizes are bytes."""

import re
from dataclasses import dataclass

ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class RangeNotSatisfiable(Exception):
    """The range that was asked for lies beyond the end of the file."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes from `start` up to, and without, `end`."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """Return the number of bytes."""
        return self.end - self.start


def parse_range(header: str, size: int) -> ByteRange | None:
    """Return the part of a file that a Range header names; None means the whole file.

    Anything but one well-formed range is ignored, as the standard allows. Raises RangeNotSatisfiable.
    """
    match = ONE_RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1 if last else size, size)
        if last and int(last) < int(first):
            return None
    if start >= end:
        raise RangeNotSatisfiable
    return ByteRange(start, end)
