"""run: supervise the program from the foreground, as the first command of a container."""

import os
import signal
import sys
from importlib import import_module

from .files import read_state, write_json
from .launch import spawn
from .supervision import AWAITED, Supervision

ANSWER = "launch.json"
NOT_STARTED = 125


def run(folder: str) -> int:
    """Start the program unless it was started before, and stay until it has ended; return its exit code.

    Does what `start` does without leaving the foreground. What `start` answers is written to launch.json. 125: the
    program was not started, now or again. The container's end is the program's end: a TERM to us asks for it.
    """
    if read_state(folder) is not None:
        sys.stderr.write("This run was started before; it is not started again.\n")
        return NOT_STARTED
    for ignored in (signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
    try:
        supervision = Supervision(folder, is_alone=True)
        supervision.spec["argv"][0] = find_program(str(supervision.spec["argv"][0]))
        answer = spawn(supervision)
    except OSError as error:
        sys.stderr.write("The run folder cannot be worked in: %s\n" % error)
        answer = {"answer": "failed", "stage": "run_folder", "errno": error.errno}
    try:
        write_json(os.path.join(folder, ANSWER), answer)
    except OSError as error:
        sys.stderr.write("The answer to the launch cannot be written: %s\n" % error)
    return supervision.watch() if answer["answer"] == "started" else NOT_STARTED


def find_program(name: str) -> str:
    """Return the program's path; a bare name is looked up in the image's PATH, where the engine has found us by the
    same name. The run's own PATH is the program's affair. What looks is loaded for such a name alone, because it
    loads more than all the rest of us."""
    return name if "/" in name else import_module("shutil").which(name) or name
