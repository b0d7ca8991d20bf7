"""The supervisor's command line."""

import json
import os
import sys

from .launch import start
from .look import status
from .removal import clean_up
from .serve import serve
from .stop import stop

VERBS = {"start": start, "status": status, "clean_up": clean_up}


def main(arguments: "list[str]") -> int:
    """Run one verb and print its answer as one line of JSON, or serve. Exit code 64 for a wrong command line."""
    if len(arguments) == 2 and arguments[0] in VERBS:
        answer = VERBS[arguments[0]](os.path.abspath(arguments[1]))
    elif len(arguments) == 3 and arguments[0] == "stop":
        answer = stop(os.path.abspath(arguments[1]), float(arguments[2]))
    elif arguments == ["serve"]:
        serve(sys.stdin.buffer, sys.stdout.buffer)
        return 0
    else:
        sys.stderr.write(
            "usage: supervisor start|status|clean_up RUN_FOLDER, stop RUN_FOLDER GRACE_SECONDS, or serve\n"
        )
        return 64
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    return 0
