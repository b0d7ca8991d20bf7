"""Ctrl-C and its relatives: they end what is going on, and disturb no clean-up."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def handling(handler: Any) -> Iterator[None]:
    """Let a handler have the signals that ask for an end. Only the main thread of a process can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in ENDING}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let each signal that asks for an end raise KeyboardInterrupt."""
    with handling(interrupt):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let signals that ask for an end do nothing."""
    with handling(signal.SIG_IGN):
        yield


def interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt."""
    raise KeyboardInterrupt
