"""One command in a container that is thrown away afterwards."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from computes.executors.docker.engine import Engine

Line = Callable[[bytes], None]


@contextmanager
def made(engine: Engine, config: Mapping[str, Any], name: str | None = None) -> Iterator[str]:
    """Give a container that was made and not started; it is removed in the end, running or not."""
    container = engine.create(name, config)
    try:
        yield container
    finally:
        engine.remove(container, force=True)


def run_to_end(engine: Engine, container: str, on_line: Line, deadline_seconds: float) -> int:
    """Start a container, hand on its output line by line, and return its exit code; 137 when killed at the deadline."""
    timer = threading.Timer(deadline_seconds, engine.kill, [container])
    with engine.attached(container) as pieces:
        engine.start(container)
        timer.start()
        try:
            for line in lines_of(pieces):
                on_line(line)
            return engine.wait(container)
        finally:
            timer.cancel()
            timer.join()


def lines_of(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Cut pieces into lines, without their ends."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.rstrip(b"\r") for line in lines)
    if rest:
        yield rest


def output_of(
    engine: Engine, config: Mapping[str, Any], deadline_seconds: float, name: str | None = None
) -> tuple[int, str]:
    """Return exit code and output of one command."""
    lines: list[bytes] = []
    with made(engine, config, name) as container:
        code = run_to_end(engine, container, lines.append, deadline_seconds)
    return code, b"\n".join(lines).decode(errors="replace")
