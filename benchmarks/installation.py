"""A whole installation for a measurement: real processes on SQLite, with the measuring scripts as its project."""

from contextlib import AbstractContextManager
from pathlib import Path

from tests.stack.system import System, running_system

SCRIPTS = Path(__file__).resolve().parent / "scripts"


def installation(slots: int = 4) -> AbstractContextManager[System]:
    """Give a running installation; it is removed afterwards."""
    return running_system(SCRIPTS, slots=slots)
