"""One server at a time on a data folder."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from amlweb.preparing.refusal import CannotStart


@contextmanager
def sole_use_of(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for this process. Raises CannotStart when another server holds it."""
    with (data_dir / "up.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            raise CannotStart(
                f"A server is already running on the data folder {data_dir}.\n"
                "End it first, or give this one a folder of its own: make run AMLWEB_DATA_DIR=/path AMLWEB_PORT=8001"
            ) from problem
        yield
