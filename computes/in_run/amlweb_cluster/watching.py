"""The watcher: a child process that looks at the application beside the driver, and ends with it."""

import os
import select
import signal
import time

from .record import note
from .sight import Sight

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FIRST_SECONDS = 1.0
EVERY_SECONDS = 2.0
SHARE = 20  # a look that takes long is taken more rarely
LONGEST_PAUSE_SECONDS = 5.0
PARTING_SECONDS = 5.0
PARTING_PAUSE_SECONDS = 0.1


def begin_watching(folder: str, spec: "dict[str, Any]") -> None:
    """Start the watcher. This process goes on, and becomes the driver under its own pid.

    The watcher has the reading end of a pipe whose writing end stays open in the driver and nowhere else, so it hears
    of the driver's end at once, however that comes. Raises OSError.
    """
    receiver, sender = os.pipe()
    os.set_inheritable(sender, True)
    driver = os.getpid()
    if os.fork():
        os.close(receiver)
        return
    try:
        os.close(sender)
        stand_aside()
        watch(Sight(folder, spec, driver), receiver)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run must not feel it
        note(folder, "the watcher of the application ended: %r" % error)
    finally:
        os._exit(0)


def stand_aside() -> None:
    """Leave the run's log alone, and live on for a moment when the run's processes are asked to end."""
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def watch(sight: Sight, receiver: int) -> None:
    """Look until the driver has ended, then until the cluster says that the application is gone."""
    pause = FIRST_SECONDS
    while not select.select([receiver], [], [], pause)[0]:
        began = time.monotonic()
        sight.look()
        pause = min(max(EVERY_SECONDS, SHARE * (time.monotonic() - began)), LONGEST_PAUSE_SECONDS)
    sight.look_at_log()
    deadline = time.monotonic() + PARTING_SECONDS
    while not sight.is_gone() and time.monotonic() < deadline:
        time.sleep(PARTING_PAUSE_SECONDS)
    sight.part()
