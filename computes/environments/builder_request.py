"""What the builder is asked for, as a file that nobody else may read; it holds logins and is removed once it is read.

spec, lock            one of them: the lock is taken as it is where it is known; neither to make only the place ready
sources, place        as `package_sources` and `place_factory` write them
known_locks           what the same spec has come to elsewhere: one for the same platform is taken instead of solving
wheels                the project's wheels: path in the project to file of the server
cache_folder          packages and repodata, kept between builds
log, result, cancel, heartbeat   paths: see `builder`
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from computes.environments.contract import EnvironmentSpec, Lock, PackageSources
from computes.environments.lock_json import lock_from_json, lock_to_json
from computes.environments.package_sources import sources_from_json, sources_to_json


@dataclass(frozen=True, slots=True)
class BuilderFiles:
    """Where the builder writes what it does, and where it looks whether it is to stop."""

    log: Path
    result: Path
    cancel: Path
    heartbeat: Path

    @classmethod
    def in_folder(cls, folder: Path) -> "BuilderFiles":
        """Return the files under their usual names."""
        return cls(folder / "log", folder / "result.json", folder / "cancel", folder / "heartbeat")


@dataclass(frozen=True, slots=True)
class BuilderRequest:
    """What to solve or to build, where, and with what. `place` is plain data of `place_factory`."""

    files: BuilderFiles
    place: Mapping[str, Any] = field(repr=False)
    sources: PackageSources
    cache_folder: Path
    spec: EnvironmentSpec | None = None
    lock: Lock | None = None
    wheels: Mapping[str, Path] = field(default_factory=dict)
    known_locks: tuple[Lock, ...] = ()


def write_request(path: Path, request: BuilderRequest) -> None:
    """Write a request for the builder, mode 0600."""
    data = {
        "files": {name: str(getattr(request.files, name)) for name in BuilderFiles.__slots__},
        "place": dict(request.place),
        "sources": sources_to_json(request.sources),
        "cache_folder": str(request.cache_folder),
        "spec": spec_to_json(request.spec) if request.spec else None,
        "lock": lock_to_json(request.lock) if request.lock else None,
        "wheels": {name: str(blob) for name, blob in request.wheels.items()},
        "known_locks": [lock_to_json(lock) for lock in request.known_locks],
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w") as file:
        json.dump(data, file)


def take_request(path: Path) -> BuilderRequest:
    """Read a request and remove its file."""
    data = json.loads(path.read_text())
    path.unlink()
    return BuilderRequest(
        files=BuilderFiles(**{name: Path(where) for name, where in data["files"].items()}),
        place=data["place"],
        sources=sources_from_json(data["sources"]),
        cache_folder=Path(data["cache_folder"]),
        spec=spec_from_json(data["spec"]) if data["spec"] else None,
        lock=lock_from_json(data["lock"]) if data["lock"] else None,
        wheels={name: Path(blob) for name, blob in data["wheels"].items()},
        known_locks=tuple(lock_from_json(text) for text in data["known_locks"]),
    )


def spec_to_json(spec: EnvironmentSpec) -> dict[str, Any]:
    """Return a spec as plain data."""
    return {
        "channels": list(spec.channels),
        "conda": list(spec.conda),
        "pip": list(spec.pip),
        "source": spec.source,
        "lines": dict(spec.lines),
        "wheels": {path: str(blob) for path, blob in spec.wheels.items()},
    }


def spec_from_json(data: Mapping[str, Any]) -> EnvironmentSpec:
    """Return the spec of plain data."""
    return EnvironmentSpec(
        channels=tuple(data["channels"]),
        conda=tuple(data["conda"]),
        pip=tuple(data["pip"]),
        source=data["source"],
        lines=data["lines"],
        wheels={path: Path(blob) for path, blob in data["wheels"].items()},
    )
