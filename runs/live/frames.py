"""Frames: pieces of a log as text, cut at whole characters, ready to be sent to any number of viewers."""

import json
import os
from dataclasses import dataclass

FRAME_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Frame:
    """A piece of a log: bytes from `offset` up to `next`, and the message that carries it."""

    offset: int
    next: int
    message: str


def whole_characters(data: bytes) -> int:
    """Return how many leading bytes hold no half UTF-8 character at their end (a broken one does not count as half)."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0b1100_0000 == 0b1000_0000:
            continue
        needed = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
        return len(data) - back if needed > back else len(data)
    return len(data)


def frame_at(descriptor: int, offset: int, size: int, *, is_last: bool) -> Frame | None:
    """Read the frame that begins at an offset; None when nothing whole is there. `is_last` takes half ones too."""
    data = os.pread(descriptor, min(FRAME_BYTES, size - offset), offset)
    length = len(data) if is_last and offset + len(data) >= size else whole_characters(data)
    if not length:
        return None
    text = data[:length].decode("utf-8", "replace")
    message = {"type": "log", "offset": offset, "next": offset + length, "data": text}
    return Frame(offset, offset + length, json.dumps(message, ensure_ascii=False))
