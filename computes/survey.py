"""What of ours is on a target, as a survey finds it: remains of runs, environments, cached contents, free disk.

Plain Python, no Django. A survey judges nothing: which runs live is known to the server alone. Times are UTC seconds,
sizes bytes.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class RunRemains:
    """What is there of one run. `bytes` is None where nothing was measured, `container` its name or empty.

    `is_alive`: its program, its supervisor or its container goes on.
    """

    run_id: str
    since: float
    bytes: int | None = None
    has_folder: bool = False
    container: str = ""
    volume: str = ""
    processes: int = 0
    is_alive: bool = False

    @property
    def words(self) -> str:
        """Return what is there, such as "run folder, container, 2 processes"."""
        parts = [
            ("run folder", self.has_folder),
            ("container", self.container),
            ("volume", self.volume),
            (f"{self.processes} process{'es' if self.processes != 1 else ''}", self.processes),
        ]
        return ", ".join(word for word, is_there in parts if is_there)


@dataclass(frozen=True, slots=True)
class StrayContainer:
    """A container of ours that belongs to no run: a step of a build, or a look at an image."""

    id: str
    name: str
    kind: str
    since: float


@dataclass(frozen=True, slots=True)
class FoundEnvironment:
    """An environment of ours that is there, whole or half-built."""

    hash: str
    since: float


@dataclass(frozen=True, slots=True)
class CachedContents:
    """The cache of file contents: how much nobody has wanted for so many days, by the number of days as text."""

    files: int = 0
    bytes: int = 0
    older: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything that was found. What None stands for was not found out. `python_bytes`: the Python that amlweb brought
    to a host without one."""

    runs: tuple[RunRemains, ...] = ()
    containers: tuple[StrayContainer, ...] = ()
    environments: tuple[FoundEnvironment, ...] = ()
    blobs: CachedContents = field(default_factory=CachedContents)
    free_bytes: int | None = None
    python_bytes: int | None = None
    docker_root: str = ""
    docker_free_bytes: int | None = None
    image_bytes: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


def survey_from_json(data: Mapping[str, Any]) -> Survey:
    """Return the survey of plain data."""
    whole = dict(data)
    return Survey(
        runs=tuple(RunRemains(**each) for each in whole.pop("runs")),
        containers=tuple(StrayContainer(**each) for each in whole.pop("containers")),
        environments=tuple(FoundEnvironment(**each) for each in whole.pop("environments")),
        blobs=CachedContents(**whole.pop("blobs")),
        **whole,
    )
