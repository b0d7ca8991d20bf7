"""The start of a run in two requests: a look at all that it depends on; the run placed whole and started."""

import os

from .account import find_program
from .blobs import MARKER
from .deeds import facts_of, free_bytes, make_folder, read, write
from .frames import Frames
from .launch import start
from .look import status
from .placing import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Sequence

MARKER_LIMIT_BYTES = 1 << 16


def before_start(work: str, installation: str, folder: str, location: str, own: "Sequence[str]") -> "dict[str, Any]":
    """Return what a start has to know of its target; only that our mark is missing where it is.

    status: of the run folder; program: the path of what is at `location`, or None; has_own: whether all the
    folders `own` are there; free_bytes of the work folder. OSError where the disk does not answer.
    """
    marks = read(os.path.join(work, MARKER), 0, MARKER_LIMIT_BYTES).split()
    if installation.encode("ascii") not in marks:
        return {"marked": False}
    found = {"marked": True, "status": status(folder), "program": find_program(location)}  # type: dict[str, Any]
    found.update(has_own=all(facts_of(path) is not None for path in own), free_bytes=free_bytes(work))
    return found


def start_run(request: "dict[str, Any]", data: bytes, frames: Frames) -> "dict[str, Any]":
    """Place a run and start it; answer as `start` does, or damaged where a content was.

    The request has `path`; `folders` and `files` of its code as `place` takes them; `records` as [name, size], whose
    bytes come one after the other. What was placed when the channel breaks is placed again by the next start, which
    finds a program that runs. A start that another start or a clean-up overtakes places nothing more: `start` decides.
    """
    folder = str(request["path"])
    try:
        make_folder(folder)
        placed = place(dict(request, path=os.path.join(folder, "code")), frames)
        if placed["answer"] == "damaged" and not was_overtaken(folder):
            return placed
        for name, size in request["records"]:
            write(os.path.join(folder, os.path.basename(name)), data[:size])
            data = data[size:]
    except OSError:
        if not was_overtaken(folder):
            raise
    return start(folder)


def was_overtaken(folder: str) -> bool:
    """Whether another start or a clean-up came first: both remove what a later start is placing."""
    return not os.path.isdir(folder) or os.path.exists(os.path.join(folder, "state.json"))
