"""What the parts of an environment's way agree on. Paths are absolute and on the target, times seconds, sizes bytes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from computes.environments.stopping import ShouldStop, never

LogLine = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Platform:
    """What packages must fit: measured on the target or in its base image, never on the server.

    `subdir` is conda's word ("linux-64", "linux-aarch64"), `glibc` a version ("2.36"), `archspec` conda's word for the
    processor ("x86_64"), `linux` the kernel's version and `cuda` the newest one that its driver takes, empty without
    GPUs.
    """

    subdir: str
    glibc: str
    archspec: str
    linux: str = "5.10"
    cuda: str = ""

    @property
    def words(self) -> str:
        """Return it as people read it."""
        cuda = f", CUDA {self.cuda}" if self.cuda else ""
        return f"{self.subdir} ({self.archspec}, glibc {self.glibc}, Linux {self.linux}{cuda})"

    def virtual_packages(self) -> dict[str, str]:
        """Return what the solver is told of it, as plain data."""
        return asdict(self)

    def is_like(self, other: "Platform") -> bool:
        """Return whether the same is solved for both, the kernel's version aside: that is seldom asked for."""
        return replace(self, linux="") == replace(other, linux="")


@dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """What a project asks for. `source` names the file it was read from, for messages; `lines` maps each entry of
    `conda`, `channels` and `pip` to its line there, where known. `wheels` are files of the project that `pip` names, by
    their path in the project."""

    channels: tuple[str, ...]
    conda: tuple[str, ...]
    pip: tuple[str, ...]
    source: str = "aml_config/conda_dependencies.yml"
    lines: Mapping[str, int] = field(default_factory=dict)
    wheels: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackageSources:
    """Where packages come from: settings of the installation, or of a target. Secrets are never shown.

    `channel_alias` is put before channel names that are no address; `channel_map` maps a name ("defaults") to channels.
    `credentials` maps the beginning of an address to (user, password): they are sent, never stored in a lock.
    """

    channel_alias: str = "https://conda.anaconda.org"
    channel_map: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pip_index: str = ""
    pip_extra_indexes: tuple[str, ...] = ()
    ca_bundle: str = ""
    proxy: str = ""
    credentials: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One package of a lock. `kind` is "conda" or "pip"; `sha256` is always there; `record` is conda's own record."""

    kind: str
    name: str
    version: str
    build: str
    url: str
    sha256: str
    md5: str = ""
    size: int = 0
    record: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Lock:
    """Exact packages for a platform. `hash` is made of names, versions, builds and checksums alone, never of addresses:
    the same packages from another mirror are the same environment. `indexes` are the options by which the project's
    file says where pip looks, without logins: what packages need to be built from source comes from there."""

    hash: str
    platform: Platform
    channels: tuple[str, ...]
    packages: tuple[LockedPackage, ...]
    indexes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackingSettings:
    """How environments are made that are built on this server and packed for nodes that nobody can look at.

    `folder` is where they are built, `glibc` the C library that the nodes are taken to have, `cuda` the version that
    their drivers are said to take, empty for none, and a pack of more than `largest_bytes` is refused.
    """

    folder: str
    glibc: str
    largest_bytes: int
    cuda: str = ""


@dataclass(frozen=True, slots=True)
class PlaceRun:
    """How a command at a place ended, and the last of what it printed."""

    code: int
    output: str


class Place(Protocol):
    """Where prefixes are kept on one target: folders of a machine, or volumes of a container engine.

    A prefix is either complete or not there for those who use it. Every verb may be repeated. Raises
    `computes.errors.TargetError`.
    """

    def make_ready(self, log: LogLine, should_stop: ShouldStop = never) -> None:
        """Get what the place itself needs: the base image, where prefixes are seen in containers. Raises
        PreparationStopped."""

    def platform(self) -> Platform:
        """Measure what packages must fit there."""

    def prefix_of(self, hash: str) -> str:
        """Return the path that programs see the prefix at; it is built for exactly that path."""

    def is_complete(self, hash: str) -> bool:
        """Return whether the prefix is there as a whole."""

    def begin(self, hash: str) -> None:
        """Make room for a prefix; what an earlier build left half-done is removed."""

    def folder_here(self, hash: str) -> Path | None:
        """Return the folder of a prefix that was begun, where the server can write into it; None where it is on another
        machine or in the engine."""

    def unpack(self, hash: str, tar: Iterator[bytes]) -> None:
        """Unpack an uncompressed tar, whose names are relative to the prefix, into a prefix that was begun.

        Missing parents are made. What the iterator raises is passed on.
        """

    def run(
        self, hash: str, argv: Sequence[str], environment: Mapping[str, str], on_line: LogLine, deadline_seconds: float
    ) -> PlaceRun:
        """Run a program with the prefix at its path, with network and with nothing else of the server's environment.

        `on_line` gets each line of both streams, without its end. What it raises ends the program and is passed on; so
        does closing the program's output.
        """

    def put(self, hash: str, files: Mapping[str, bytes]) -> None:
        """Write small files, by path relative to the prefix, into a prefix that was begun: mode 0600, for its programs.

        Some hold logins; they are removed again before the prefix is complete.
        """

    def fetch(self, hash: str, path: str) -> bytes:
        """Read a small file of the prefix."""

    def deliver(self, hash: str, log: LogLine, should_stop: ShouldStop) -> None:
        """Bring a prefix that is finished to where programs look for it; nothing where it was built there. Raises
        PreparationStopped."""

    def complete(self, hash: str) -> None:
        """Say that the prefix is whole; from now on it is never written again."""

    def remove(self, hash: str) -> None:
        """Remove a prefix, complete or not."""

    def sizes(self) -> Mapping[str, int]:
        """Return the prefixes of this installation that are there, complete or not, with their sizes."""
