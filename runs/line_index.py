"""Where lines begin in a log: a sparse index beside it, grown as the log grows and kept for the next reader.

A file of pairs (byte offset, number of line feeds before it), each two unsigned 64-bit numbers, one pair for every
STRIDE bytes or so. It is only ever a cache: when it is missing, broken or of a longer log, it is made again.
"""

import os
import struct
from bisect import bisect_right
from contextlib import suppress
from pathlib import Path

STRIDE_BYTES = 256 * 1024
PAIR = struct.Struct("<QQ")


class LineIndex:
    """The sparse index of one log file, brought up to a size of the log on request."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.file = log.with_name(f".{log.name}.lines")
        self.offsets = [0]
        self.counts = [0]

    def bring_up_to(self, descriptor: int, size: int) -> None:
        """Count the line feeds of the log up to `size` (rounded down to a stride), reading only what is new."""
        self.load(size)
        known = len(self.offsets)
        while self.offsets[-1] + STRIDE_BYTES <= size:
            data = os.pread(descriptor, STRIDE_BYTES, self.offsets[-1])
            if len(data) < STRIDE_BYTES:
                break
            self.counts.append(self.counts[-1] + data.count(b"\n"))
            self.offsets.append(self.offsets[-1] + STRIDE_BYTES)
        if len(self.offsets) > known:
            self.save()

    def load(self, size: int) -> None:
        """Read the kept pairs, unless they are of a log that was longer than this one."""
        try:
            stored = self.file.read_bytes()
        except OSError:
            return
        if len(stored) % PAIR.size:
            return
        pairs = [(offset, count) for offset, count in PAIR.iter_unpack(stored)]
        if pairs and pairs[0] == (0, 0) and pairs[-1][0] <= size:
            self.offsets = [offset for offset, _ in pairs]
            self.counts = [count for _, count in pairs]

    def save(self) -> None:
        """Keep the pairs, all or nothing. A full disk keeps none, and the log can be read all the same."""
        aside = self.file.with_name(f"{self.file.name}.{os.getpid()}.{id(self)}")
        pairs = zip(self.offsets, self.counts, strict=True)
        try:
            aside.write_bytes(b"".join(PAIR.pack(offset, count) for offset, count in pairs))
            aside.replace(self.file)
        except OSError:
            with suppress(OSError):
                aside.unlink(missing_ok=True)

    def before_line(self, line: int) -> tuple[int, int]:
        """Return (byte offset, line feeds before it) of the last pair at or before the start of a line (from 0)."""
        place = max(bisect_right(self.counts, line - 1) - 1, 0)
        return self.offsets[place], self.counts[place]

    def before_byte(self, offset: int) -> tuple[int, int]:
        """Return the last pair at or before a byte offset."""
        place = bisect_right(self.offsets, offset) - 1
        return self.offsets[place], self.counts[place]


def forget_lines(log: Path) -> None:
    """Remove what is kept about the lines of a log whose bytes have changed."""
    LineIndex(log).file.unlink(missing_ok=True)
