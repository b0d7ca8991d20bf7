"""Which lines of a project's file an error of a solver or of pip is about."""

import re
from collections.abc import Iterable

from computes.environments.contract import EnvironmentSpec, LockedPackage
from computes.environments.python_choice import PYTHON_VERSION_FILE

_NAME = re.compile(r"(?:\S+::)?([A-Za-z0-9][A-Za-z0-9._-]*)")


def where_asked(spec: EnvironmentSpec, error: str, entries: Iterable[str]) -> str:
    """Return lines to add to an error: the entries whose package it names, with file and line where that is known."""
    named = [entry for entry in entries if not entry.startswith("-") and is_named(entry, error)]
    found = []
    for entry in named:
        line = spec.lines.get(entry)
        if line is None and entry.startswith("python "):
            found.append(f"\nThe Python of the environment is {entry}: {PYTHON_VERSION_FILE} chooses another one.")
            continue
        found.append(f"\nAsked for in {spec.source}{f', line {line}' if line else ''}: {entry}")
    return "".join(found)


def where_packages_asked(spec: EnvironmentSpec, error: str, packages: Iterable[LockedPackage]) -> str:
    """Return lines to add to an error that has the file name of a conda package: the entries that ask for it."""
    files = {package.name: f"{package.name}-{package.version}-{package.build}" for package in packages}
    named = sorted(name for name, file in files.items() if file in error)
    return "".join(where_asked(spec, name, spec.conda) for name in named)


def is_named(entry: str, error: str) -> bool:
    """Return whether a text names the package of an entry."""
    match = _NAME.match(entry)
    if match is None:
        return False
    name = "[-_.]".join(map(re.escape, filter(None, re.split(r"[-_.]+", match[1]))))
    return re.search(rf"(?<![\w.-]){name}(?![\w-])", error, re.IGNORECASE) is not None
