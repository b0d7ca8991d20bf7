"""The supervisor's command line.

Each verb loads its own modules: a start needs neither what serves nor what takes files in, and each run waits for it
(measured: 25 ms of processor time less).
"""

import json
import os
import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ANSWERING = {"start": "launch", "status": "look", "clean_up": "removal"}


def call(module: str, verb: str, *arguments: "Any") -> "Any":
    """Call a verb of one of our modules."""
    return getattr(import_module("." + module, __package__), verb)(*arguments)


def main(arguments: "list[str]") -> int:
    """Run one verb and print its answer as one line of JSON; `read` prints bytes, `run` nothing and returns the
    program's exit code, `serve` and `launcher` answer in frames. Exit code 64 for a wrong command line."""
    if len(arguments) == 2 and arguments[0] in ANSWERING:
        answer = call(ANSWERING[arguments[0]], arguments[0], os.path.abspath(arguments[1]))
    elif len(arguments) == 3 and arguments[0] == "stop":
        answer = call("stop", "stop", os.path.abspath(arguments[1]), float(arguments[2]))
    elif len(arguments) == 3 and arguments[0] == "resume":
        answer = call("resuming", "resume", os.path.abspath(arguments[1]), int(arguments[2]))
    elif arguments == ["serve"]:
        call("serve", "serve", sys.stdin.buffer, sys.stdout.buffer)
        return 0
    elif arguments == ["launcher"]:
        call("launcher", "launch_for", sys.stdin.buffer, sys.stdout.buffer)
        return 0
    elif len(arguments) == 3 and arguments[0] == "cancel":
        asked = call("files", "write_cancel", arguments[1], float(arguments[2]))
        answer = {"answer": "asked" if asked else "full"}
    elif len(arguments) == 2 and arguments[0] == "run":
        return int(call("foreground", "run", os.path.abspath(arguments[1])))
    elif len(arguments) == 5 and arguments[0] == "read":
        path = os.path.join(arguments[1], arguments[2])
        sys.stdout.buffer.write(call("files", "read_bytes", path, int(arguments[3]), int(arguments[4])))
        return 0
    else:
        sys.stderr.write(
            "usage: supervisor start|run|status|clean_up RUN_FOLDER, stop RUN_FOLDER GRACE_SECONDS, "
            "resume RUN_FOLDER MOST, serve or launcher\n"
        )
        return 64
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    return 0
