"""launcher: start one run after the other on the server's own machine, until the channel closes or nothing is asked.

A start in a process that has loaded all that it needs takes a fork; an interpreter of its own for each takes ten times
as long (measured). Who asks may ask again when this process has ended: a start finds what an earlier one has started.
"""

import signal

from .frames import BrokenFrame, Frames
from .launch import start
from .processes import load_prctl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO

REST_SECONDS = 10


def launch_for(source: "BinaryIO", sink: "BinaryIO") -> None:
    """Start what is asked for. The alarm ends this process, never a start: a supervisor does not inherit it."""
    frames = Frames(source, sink)
    load_prctl()
    while True:
        signal.alarm(REST_SECONDS)
        try:
            frame = frames.receive()
            signal.alarm(0)
            if frame is None:
                return
            frames.send(answer_to(frame[0]))
        except (BrokenFrame, BrokenPipeError):
            return


def answer_to(request: "dict[str, Any]") -> "dict[str, Any]":
    """Return the answer of `start`, or the trouble that the system or damaged records made."""
    try:
        return start(str(request["folder"]))
    except OSError as error:
        return {"trouble": [error.errno, error.strerror or str(error), str(error.filename)]}
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        return {"nonsense": repr(error)[:500]}
