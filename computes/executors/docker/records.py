"""Reading a run folder that a container works in."""

from typing import Any, Protocol

from computes.executors.docker.copied_records import CopiedRecords
from computes.executors.docker.run_in_container import RunInContainer


class Records(Protocol):
    """The files of one run."""

    def read(self, name: str, offset: int, limit: int) -> bytes:
        """Return bytes of a file of the run folder; empty at its end and when it is not there."""

    def look(self) -> dict[str, Any]:
        """Return the supervisor's status of the run folder."""


class MountedRecords:
    """The machine has the run folder."""

    def __init__(self, run: RunInContainer) -> None:
        self.run = run

    def read(self, name: str, offset: int, limit: int) -> bytes:
        """Read on the machine."""
        return self.run.machine.read(f"{self.run.run_folder}/{name}", offset, limit)

    def look(self) -> dict[str, Any]:
        """Look on the machine: a lock is seen across containers."""
        return self.run.machine.look(self.run.run_folder)


def records_of(run: RunInContainer) -> Records:
    """Return how the files of a run are read."""
    return MountedRecords(run) if run.settings.is_shared else CopiedRecords(run)
