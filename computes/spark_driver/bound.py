"""Becomes another program that dies with the process that started this one: `python -I -S bound.py PROGRAM ARGUMENT …`

Where a cluster kills a driver by its process group, a script in a session of its own would outlive it.
"""

import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def bind() -> None:
    """Have the kernel kill this process when its parent dies. Pythons that are built without ctypes cannot."""
    try:
        import ctypes  # noqa: PLC0415 - some Pythons are built without it

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return


if __name__ == "__main__":
    bind()
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - an argv list is the point
