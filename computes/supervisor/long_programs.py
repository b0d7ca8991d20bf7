"""Running a program that takes its time, while its output is read."""

import os
import selectors
import signal
import subprocess
import time

from .deeds import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Generator, Sequence, Mapping  # noqa: I001

PIECE_BYTES = 1 << 16
SIGN_OF_LIFE_SECONDS = 5.0
GRACE_SECONDS = 2.0


def output_of(
    argv: "Sequence[str]", environment: "Mapping[str, str]", seconds: float
) -> "Generator[bytes, None, int | None]":
    """Yield what a program prints on both its streams; return its exit code, None when its time was up.

    Empty bytes every 5 seconds are a sign of life. Whoever closes the generator ends the program with its group.
    """
    process = subprocess.Popen(
        [encode(argument) for argument in argv],
        env={encode(name): encode(value) for name, value in environment.items()},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    deadline = time.monotonic() + seconds
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                if not selector.select(min(left, SIGN_OF_LIFE_SECONDS)):
                    yield b""
                    continue
                data = os.read(process.stdout.fileno(), PIECE_BYTES)  # type: ignore[union-attr]
                if not data:
                    return code_of(process, deadline)
                yield data
    finally:
        end(process)


def code_of(process: "subprocess.Popen[Any]", deadline: float) -> "int | None":
    """Return the exit code of a program that has closed its output."""
    try:
        return process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return None


def end(process: "subprocess.Popen[Any]") -> None:
    """End a program that has not ended: TERM, a short grace, KILL."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.stdout is not None:
        process.stdout.close()
