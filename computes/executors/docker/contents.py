"""How a run folder gets into a container: mounted from the machine, or copied into a volume."""

from collections.abc import Mapping
from typing import Any, Protocol

from computes.contract import ExecutionRequest, Framework
from computes.executors.docker.container_config import bind, volume
from computes.executors.docker.names import (
    CODE,
    IN_RUN,
    SHARE,
    SPARK,
    SUPERVISOR,
    environment_volume,
    prefix_of,
    run_folder_inside,
)
from computes.executors.docker.run_in_container import RunInContainer
from computes.executors.run_placing import place_run
from computes.executors.specification import ivy_folder_of, share_folder_of


class Contents(Protocol):
    """What is placed on the machine before the admission, what is mounted, and what is copied in before the start."""

    def place(self, placed: str, specification: Mapping[str, Any]) -> None:
        """Place on the machine what the run folder there is to hold."""

    def kept(self) -> dict[str, str]:
        """Return the folders of the machine that are kept between runs, by their places in the container."""

    def readable(self) -> tuple[str, ...]:
        """Return the folders of our own code that are mounted."""

    def mounts(self) -> list[dict[str, Any]]:
        """Return the mounts of the container."""

    def fill(self, specification: Mapping[str, Any], user: str) -> None:
        """Copy into the container that was made what is not mounted."""


class MountedContents:
    """Run folder, share folder and our own code are mounted from the machine."""

    def __init__(self, run: RunInContainer, request: ExecutionRequest) -> None:
        self.run = run
        self.request = request

    def place(self, placed: str, specification: Mapping[str, Any]) -> None:
        """Place code, specification and secrets."""
        place_run(self.run.folder, self.request, specification, placed)
        self.run.machine.make_folder(f"{placed}/home")

    def kept(self) -> dict[str, str]:
        """Make the project's folders: below the native shared directory, and for Spark's packages."""
        kept = {}
        if self.request.address.settings.native_shared_directory:
            kept[SHARE.rstrip("/")] = share_folder_of(self.request, self.run.machine).rstrip("/")
        if self.request.framework == Framework.PYSPARK:
            kept[SPARK] = ivy_folder_of(self.request, self.run.machine)
        return kept

    def readable(self) -> tuple[str, ...]:
        """Both are mounted read-only."""
        return self.run.folder.supervisor(), self.run.folder.in_run()

    def mounts(self) -> list[dict[str, Any]]:
        """The code has a second place, which is the original's working folder."""
        supervisor, in_run = self.readable()
        return [
            bind(self.run.run_folder, run_folder_inside(self.request.address)),
            bind(f"{self.run.run_folder}/code", CODE),
            bind(supervisor, SUPERVISOR, read_only=True),
            bind(in_run, IN_RUN, read_only=True),
            *environment_mounts(self.request.environment_hash),
            *(bind(folder, place) for place, folder in self.kept().items()),
        ]

    def fill(self, specification: Mapping[str, Any], user: str) -> None:
        """All is mounted."""


def environment_mounts(environment_hash: str) -> list[dict[str, Any]]:
    """Return the mount of a prepared environment, read-only at the path that it was built for."""
    if not environment_hash:
        return []
    return [volume(environment_volume(environment_hash), prefix_of(environment_hash), read_only=True)]
