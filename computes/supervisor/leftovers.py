"""What a program leaves behind: children and daemons that outlive it."""

import os
import signal
import time

from .processes import descendants, signal_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .supervision import Supervision

LINGER_SECONDS = 0.25
GRACE_SECONDS = 2.0
KILL_SECONDS = 10.0


class Leftovers:
    """The processes below the supervisor after the program's end; orphans have become its children."""

    def __init__(self, supervision: "Supervision") -> None:
        self.supervision = supervision

    def sweep(self) -> None:
        """End what is left: let it end by itself, ask, wait, kill until nothing is left.

        After a stop the leftovers have the rest of its grace; after an ordinary end two seconds.
        """
        if self.are_gone(time.monotonic() + LINGER_SECONDS):
            return
        left = descendants(os.getpid())
        for pid in left:
            signal_process(pid, signal.SIGTERM)
        gone = self.are_gone(self.supervision.kill_at or time.monotonic() + GRACE_SECONDS)
        deadline = time.monotonic() + KILL_SECONDS
        while not gone and time.monotonic() < deadline:
            for pid in descendants(os.getpid()):
                signal_process(pid, signal.SIGKILL)
            gone = self.are_gone(time.monotonic() + 0.02)
        self.supervision.step("swept %d process%s" % (len(left), "" if len(left) == 1 else "es"))
        if not gone:
            self.supervision.note("these processes would not end: %s" % descendants(os.getpid()))

    def are_gone(self, until: float) -> bool:
        """Bury children until none is left (True) or the time has come (False). A second cancel shortens the wait."""
        while True:
            self.supervision.bury()
            if not has_children():
                return True
            now = time.monotonic()
            if self.supervision.kill_at is not None:
                self.supervision.look_for_cancel(now)
                until = min(until, self.supervision.kill_at)
            if now >= until:
                return False
            signal.sigtimedwait((signal.SIGCHLD, signal.SIGUSR1), min(until - now, 0.1))


def has_children() -> bool:
    """Whether any child, dead or alive, has not been buried."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
