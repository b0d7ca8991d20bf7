"""Runs a program and relays what it prints: `python watch.py PROGRAM ARGUMENT...`

A line with a lone NUL says every second that all is well. When nobody reads any more, or on TERM or HUP, the program
ends with its whole process group: a build whose server is gone must not go on writing. The exit code is the program's.
What it imports is compiled into the folder that it is in, which is gone when the prefix is complete.
"""

import os
import sys

if __name__ == "__main__" and hasattr(sys, "pycache_prefix"):
    sys.pycache_prefix = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compiled")
    sys.dont_write_bytecode = False

import signal
import subprocess
import threading
from typing import Callable, List

TICK = b"\0\n"
TICK_SECONDS = 1.0
OUTPUT = sys.stdout.fileno() if __name__ == "__main__" else -1
LOCK = threading.Lock()


def main(argv: List[str]) -> int:
    """Run the program to its end and return its exit code."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    program = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )

    def end(*_: object) -> None:
        try:
            os.killpg(program.pid, signal.SIGKILL)
        except OSError:
            pass
        os._exit(1)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, end)
    done = threading.Event()

    def tick() -> None:
        while not done.wait(TICK_SECONDS):
            say(TICK, end)

    threading.Thread(target=tick, daemon=True).start()
    for line in program.stdout or ():
        say(line.rstrip(b"\r\n") + b"\n", end)
    code = program.wait()
    done.set()
    return code if code >= 0 else 128 - code


def say(line: bytes, end: Callable[[], None]) -> None:
    """Write a line whole; end everything when nobody reads."""
    try:
        with LOCK:
            while line:
                line = line[os.write(OUTPUT, line) :]
    except OSError:
        end()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
