"""One server at a time on a data folder."""

import fcntl
import os
from pathlib import Path

from amlweb.preparing.refusal import CannotStart


def take_sole_use_of(data_dir: Path) -> int:
    """Hold the data folder for the life of this process, also through an `exec`; return the descriptor that holds it.

    Raises CannotStart when another server holds it.
    """
    descriptor = os.open(data_dir / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(descriptor, True)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as problem:
        os.close(descriptor)
        raise CannotStart(
            f"A server is already running on the data folder {data_dir}.\n"
            "End it first, or give this one a folder of its own: make run AMLWEB_DATA_DIR=/path AMLWEB_PORT=8001"
        ) from problem
    return descriptor
