"""What the containers of an application have printed, which YARN gathers after the end."""

import os
import time

from .. import yarn
from ..masking import Masker
from .application import last_line
from .commands import CommandFailed, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Iterable

    from .application import Application

MOST_BYTES = 16 * 1024**2
CUT = b"\n(the rest is left out: yarn logs prints more than 16 MiB)\n"
ONCE_SECONDS = 120.0
AGAIN_SECONDS = 5.0
MARK = b"Container: container_"


def bring_logs(
    application: "Application", path: str, secrets: "Iterable[str]", seconds: float, note: "Callable[[str], None]"
) -> None:
    """Write the logs of all containers into a file, secrets starred out. Gathering takes YARN a while: it is asked
    again for some seconds, and then it is noted that there is none."""
    if os.path.lexists(path):
        return
    whole = path + ".tmp"
    deadline = time.monotonic() + seconds
    argv = yarn.logs_of(application.program, application.id)
    while True:
        try:
            code, printed, said = application.commands.run(argv, ONCE_SECONDS, most_bytes=MOST_BYTES)
            why = last_line(text_of(said) + text_of(printed))
        except CommandFailed as error:
            code, printed, why = None, b"", str(error)
        if MARK in printed:
            break
        if application.commands.heard or time.monotonic() >= deadline:
            note("YARN has not gathered the logs of the containers: %s" % why)
            return
        time.sleep(min(AGAIN_SECONDS, max(deadline - time.monotonic(), 0.0)))
    masker = Masker(secrets)
    is_cut = code is None or len(printed) >= MOST_BYTES
    if is_cut:
        printed = printed[: masker.settled(printed)]
    with open(whole, "wb") as file:
        file.write(masker.mask(printed) + (CUT if is_cut else b""))
    os.rename(whole, path)
