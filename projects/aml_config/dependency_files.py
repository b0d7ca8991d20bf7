"""What the two dependency files say: Python packages, and Spark's settings and packages."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CondaDependencies:
    """A conda environment file. `dependencies` are conda's specs in order, python's own among them; `pip` are lines
    for pip. `python` is the version asked for ("3.10", ">=3.9"), None when the file leaves it open."""

    name: str | None = None
    channels: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    python: str | None = None
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MavenPackage:
    """A package of a Maven repository."""

    group: str
    artifact: str
    version: str

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


@dataclass(frozen=True, slots=True)
class SparkDependencies:
    """Spark's properties, further Maven repositories and packages."""

    configuration: Mapping[str, str] = field(default_factory=dict)
    repositories: tuple[str, ...] = ()
    packages: tuple[MavenPackage, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
