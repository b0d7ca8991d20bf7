"""The supervisor's command line."""

import json
import os
import sys

from .admission import admit
from .files import read_bytes, write_cancel
from .foreground import run
from .launch import start
from .look import status
from .removal import clean_up
from .serve import serve
from .stop import stop

VERBS = {"start": start, "status": status, "clean_up": clean_up}


def main(arguments: "list[str]") -> int:
    """Run one verb and print its answer as one line of JSON; `read` prints bytes, `run` nothing and returns the
    program's exit code, `serve` answers in frames. Exit code 64 for a wrong command line."""
    if len(arguments) == 2 and arguments[0] in VERBS:
        answer = VERBS[arguments[0]](os.path.abspath(arguments[1]))
    elif len(arguments) == 3 and arguments[0] == "stop":
        answer = stop(os.path.abspath(arguments[1]), float(arguments[2]))
    elif arguments == ["serve"]:
        serve(sys.stdin.buffer, sys.stdout.buffer)
        return 0
    elif len(arguments) == 3 and arguments[0] == "cancel":
        answer = {"answer": "asked" if write_cancel(arguments[1], float(arguments[2])) else "full"}
    elif len(arguments) == 2 and arguments[0] == "run":
        return run(os.path.abspath(arguments[1]))
    elif len(arguments) >= 6 and arguments[0] == "admit":
        answer = admit(*arguments[1:])
    elif len(arguments) == 5 and arguments[0] == "read":
        path = os.path.join(arguments[1], arguments[2])
        sys.stdout.buffer.write(read_bytes(path, int(arguments[3]), int(arguments[4])))
        return 0
    else:
        sys.stderr.write(
            "usage: supervisor start|run|status|clean_up RUN_FOLDER, stop RUN_FOLDER GRACE_SECONDS, or serve\n"
        )
        return 64
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    return 0
