"""One run in a container: the facts that its deeds share."""

from dataclasses import dataclass
from typing import Any

from computes.contract import ContainerSettings, RunAddress, TargetSettings
from computes.errors import StartFailed
from computes.executors.docker.engine import Engine
from computes.executors.docker.names import container_of
from computes.machines.contract import Machine
from computes.work_folder import WorkFolder


@dataclass(frozen=True)
class RunInContainer:
    """A run, its machine and its engine."""

    machine: Machine
    engine: Engine
    address: RunAddress

    @property
    def settings(self) -> ContainerSettings:
        """How containers of the target are made."""
        return container_settings(self.address)

    @property
    def name(self) -> str:
        """The name of the container."""
        return container_of(self.address)

    @property
    def folder(self) -> WorkFolder:
        """The work folder on the machine."""
        return WorkFolder(self.machine, self.address.settings)

    @property
    def run_folder(self) -> str:
        """The run folder on the machine."""
        return self.folder.run_folder(self.address)

    def inspect(self) -> dict[str, Any] | None:
        """Return what the engine knows of the container, None when it is not there."""
        return self.engine.inspect(self.name)


def container_settings(address: RunAddress) -> ContainerSettings:
    """Return how containers of a run's target are made. Raises StartFailed for a target that makes none."""
    return base_of(address.settings)


def base_of(settings: TargetSettings) -> ContainerSettings:
    """Return how containers of a target are made. Raises StartFailed for a target that makes none."""
    if settings.container is None or not settings.container.image:
        raise StartFailed(
            "The target has no base Docker image.", "Let an administrator set the target's base Docker image."
        )
    return settings.container


def is_running(facts: dict[str, Any] | None) -> bool:
    """Return whether a container's process lives, also while it is paused."""
    return facts is not None and bool(facts["State"]["Running"])


def is_created(facts: dict[str, Any] | None) -> bool:
    """Return whether a container was made and has never been started."""
    return facts is not None and facts["State"]["Status"] == "created"
