"""serve: answer one request after the other over a channel, until it closes.

One channel and one process serve for thousands of looks and reads: a process for each would cost more than the look.
Each request is a frame with `deed`; each answer a frame that has `trouble` where the system refused.
"""

import hashlib
import os
import sys
import time

from . import deeds
from .admission import admit
from .authorizing import authorize
from .frames import CHUNK_BYTES, BrokenFrame, Frames
from .long_programs import output_of
from .look import status
from .outputs import Outputs
from .placing import place
from .removal import clean_up, end_processes
from .starting import before_start, start_run
from .survey import survey
from .sweeping import sweep
from .unpacking import sent, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO, Callable

    Answer = "tuple[dict[str, Any], bytes]"
    Deed = Callable[[dict[str, Any], bytes, Frames], tuple[dict[str, Any], bytes]]


def serve(source: "BinaryIO", sink: "BinaryIO") -> None:
    """Answer until the channel closes. What cannot be understood ends it."""
    frames = Frames(source, sink)
    while True:
        try:
            frame = frames.receive()
            if frame is None:
                return
            header, data = answer_to(frame[0], frame[1], frames)
            frames.send(header, data)
        except (BrokenFrame, BrokenPipeError, ConnectionResetError):
            return


def answer_to(request: "dict[str, Any]", data: bytes, frames: Frames) -> "tuple[dict[str, Any], bytes]":
    """Do one deed. OSError becomes an answer; the name of its file is kept, because it says where to look.

    So does what a script's own text in our records leads to: it must not end the looks at other runs.
    """
    try:
        return DEEDS[request["deed"]](request, data, frames)
    except (BrokenPipeError, BrokenFrame):
        raise
    except OSError as error:
        return {"trouble": [error.errno, error.strerror or str(error), shown(error.filename)]}, b""
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        return {"nonsense": repr(error)[:500]}, b""


def shown(name: "Any") -> "str | None":
    """Return a file's name as text."""
    return os.fsdecode(name) if isinstance(name, (str, bytes)) else None


def hello(request: "dict[str, Any]", data: bytes, frames: Frames) -> "tuple[dict[str, Any], bytes]":
    """Who we are here: interpreter, version, account, clock."""
    facts = {"interpreter": sys.executable, "version": list(sys.version_info[:3]), "time": time.time()}
    return dict(facts, pid=os.getpid(), **deeds.account()), b""


def look(request: "dict[str, Any]", data: bytes, frames: Frames) -> "tuple[dict[str, Any], bytes]":
    """The status of several run folders at once; a folder whose disk does not answer has `trouble`."""
    found = []
    for folder in request["folders"]:
        found.append(answer_to({"deed": "status", "folder": folder}, b"", frames)[0])
    return {"found": found}, b""


def collect(request: "dict[str, Any]", data: bytes, frames: Frames) -> "tuple[dict[str, Any], bytes]":
    """Send the outputs: for each thing a frame that names it, its bytes in frames, and their number and sha256."""
    outputs = Outputs(*request["limits"])
    for found in outputs.found_in(request["path"]):
        frames.send({"path": found.path, "size": found.size, "skipped": found.reason})
        if not found.reason:
            frames.send(send_file(found.descriptor, found.size, frames))
    return {"end": True}, b""


def send_file(descriptor: int, size: int, frames: Frames) -> "dict[str, Any]":
    """Send a file as it was when it was opened; return what must have arrived."""
    digest, left = hashlib.sha256(), size
    with open(descriptor, "rb", buffering=0) as file:
        while left:
            data = os.read(file.fileno(), min(CHUNK_BYTES, left))
            if not data:
                break
            digest.update(data)
            left -= len(data)
            frames.send({}, data)
    return {"sha256": digest.hexdigest(), "size": size - left}


def run(request: "dict[str, Any]", data: bytes, frames: Frames) -> "tuple[dict[str, Any], bytes]":
    """Run a command."""
    done = deeds.run(request["argv"], request["environment"], request["seconds"])
    if done is None:
        return {"late": True}, b""
    return {"code": done[0], "output_bytes": len(done[1])}, done[1] + done[2]


def run_lines(request: "dict[str, Any]", data: bytes, frames: Frames) -> "tuple[dict[str, Any], bytes]":
    """Run a program and send what it prints; it ends when nobody listens any more."""
    output = output_of(request["argv"], request["environment"], request["seconds"])
    try:
        while True:
            try:
                piece = next(output)
            except StopIteration as end:
                return {"code": end.value}, b""
            frames.send({"more": True}, piece)
    finally:
        output.close()


def unpack_sent(request: "dict[str, Any]", data: bytes, frames: Frames) -> "tuple[dict[str, Any], bytes]":
    """Unpack a tar as it comes. What cannot be kept is taken to its end, so that the answer is heard."""
    pieces = sent(frames)
    try:
        unpack(request["path"], pieces)
    finally:
        for _ in pieces:
            continue
    return {}, b""


def plain(deed: "Callable[..., Any]", *names: str) -> "Deed":
    """Return a deed that takes these fields of the request and answers with what the function returns."""

    def do(request: "dict[str, Any]", data: bytes, frames: Frames) -> "tuple[dict[str, Any], bytes]":
        return {"answer": deed(*[request[name] for name in names])}, b""

    return do


def read(request: "dict[str, Any]", data: bytes, frames: Frames) -> "tuple[dict[str, Any], bytes]":
    """Bytes of a file."""
    return {}, deeds.read(request["path"], request["offset"], request["limit"])


def write(request: "dict[str, Any]", data: bytes, frames: Frames) -> "tuple[dict[str, Any], bytes]":
    """Replace a file by the request's bytes."""
    deeds.write(request["path"], data)
    return {}, b""


def append(request: "dict[str, Any]", data: bytes, frames: Frames) -> "tuple[dict[str, Any], bytes]":
    """Add the request's bytes to a file."""
    deeds.append_line(request["path"], data)
    return {}, b""


DEEDS = {
    "hello": hello,
    "look": look,
    "collect": collect,
    "run": run,
    "run_lines": run_lines,
    "unpack": unpack_sent,
    "read": read,
    "write": write,
    "append": append,
    "place": lambda request, data, frames: (place(request, frames), b""),
    "before_start": plain(before_start, "work", "installation", "folder", "location", "own"),
    "start_run": lambda request, data, frames: (start_run(request, data, frames), b""),
    "status": lambda request, data, frames: (status(request["folder"]), b""),
    "admit": lambda request, data, frames: (admit(request["folder"], request["placed"], **request["owner"]), b""),
    "clean_up": lambda request, data, frames: (clean_up(request["folder"]), b""),
    "end_processes": plain(end_processes, "folder"),
    "make_folder": plain(deeds.make_folder, "path"),
    "facts": plain(deeds.facts_of, "path"),
    "free_bytes": plain(deeds.free_bytes, "path"),
    "program": plain(deeds.program, "location"),
    "sweep": lambda request, data, frames: (sweep(request["work"], request["seconds"], request["most_bytes"]), b""),
    "survey": lambda request, data, frames: (survey(request["work"], request["installation"], request["seconds"]), b""),
    "authorize": plain(authorize, "line"),
}  # type: dict[str, Deed]
