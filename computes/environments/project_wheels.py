"""Wheels that are files of the project: in a lock they have the address `project:` and their path."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from computes.environments.contract import LockedPackage
from computes.errors import PreparationFailed

SCHEME = "project:"


def is_project_wheel(package: LockedPackage) -> bool:
    """Return whether a package is a file of the project."""
    return package.url.startswith(SCHEME)


def path_of(package: LockedPackage) -> str:
    """Return the path of a project's wheel in the project."""
    return package.url.removeprefix(SCHEME)


def wheel_files(packages: tuple[LockedPackage, ...], wheels: Mapping[str, Path]) -> dict[str, Path]:
    """Return the files of a lock's wheels by path. Raises PreparationFailed unless each is there as it was locked."""
    found = {}
    for package in filter(is_project_wheel, packages):
        path = path_of(package)
        blob = wheels.get(path)
        if blob is None or sha256_of(blob) != package.sha256:
            raise PreparationFailed(
                f"The project's wheel {path[:200]!r} is not what the lock was made of.",
                "Solve again with the wheel that is in the project now, or restore the one of the lock.",
            )
        found[path] = blob
    return found


def sha256_of(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
