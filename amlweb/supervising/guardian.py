"""Ends the server's processes when their parent dies without a word (`kill -9`, out of memory).

Run as a program of its own, with nothing but the standard library. Its input has one line for each process group, `+ID`
by its leader before that becomes its command and `-ID` by the parent when it has ended; the end of the input is the
parent's end. Whatever is then left gets TERM, and after ten seconds KILL.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_SECONDS = 10.0


def is_alive(group: int) -> bool:
    """Return whether a process group has a member."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False  # a stranger's: the number was given out again
    return True


def send(group: int, what: signal.Signals, to_leader_only: bool = False) -> None:
    """Send a signal to a group, or to its leader only. One that has ended is no error."""
    try:
        if to_leader_only:
            os.kill(group, what)
        else:
            os.killpg(group, what)
    except (ProcessLookupError, PermissionError):
        return


def end_groups(groups: Iterable[int], grace_seconds: float = GRACE_SECONDS) -> None:
    """End process groups: the leaders are asked, and what is left after the grace time is killed."""
    left = list(groups)
    for group in left:
        send(group, signal.SIGTERM, to_leader_only=True)
    deadline = time.monotonic() + grace_seconds
    while time.monotonic() < deadline and any(map(is_alive, left)):
        time.sleep(0.05)
    for group in left:
        send(group, signal.SIGKILL)


def main() -> None:
    """Keep the list until the input ends, then end what is on it."""
    for unwanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(unwanted, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        number = int(line[1:])
        if line.startswith("+"):
            groups.add(number)
        else:
            groups.discard(number)
    end_groups(groups)


if __name__ == "__main__":
    main()
