"""Handing over a program's output line by line."""

from collections.abc import Callable, Generator
from typing import TypeVar

T = TypeVar("T")
LONGEST_LINE = 1 << 20


def hand_over_lines(pieces: Generator[bytes, None, T], on_line: Callable[[str], None]) -> T:
    """Hand over each line of what comes in pieces, without its end, and return what the pieces return.

    What `on_line` raises closes the generator and is passed on.
    """
    rest = b""
    try:
        while True:
            try:
                data = next(pieces)
            except StopIteration as end:
                if rest:
                    on_line(rest.decode(errors="replace"))
                return end.value  # type: ignore[no-any-return]
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > LONGEST_LINE:
                lines, rest = [*lines, rest], b""
            for line in lines:
                on_line(line.decode(errors="replace"))
    finally:
        pieces.close()
