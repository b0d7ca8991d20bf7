"""The interpreter that a run is executed with: its version and the packages that it sees."""

import json
from collections.abc import Mapping
from threading import Lock
from typing import Any

from computes.contract import EnvironmentRecord
from computes.errors import PreparationFailed
from computes.executors.plain_text import plain
from computes.machines.contract import Machine

DEADLINE_SECONDS = 20.0
CACHED = 32
MOST_PACKAGES = 5_000
MOST_FOLDERS = 200
PROGRAM = """
import json, os, platform, sys
path = [p for p in sys.path[1:] if p and os.path.isdir(p)]
packages = {}
try:
    from importlib.metadata import distributions
    for found in distributions(path=path):
        name = found.metadata["Name"]
        if name and name not in packages:
            packages[name] = found.version
except ImportError:
    for folder in path:
        for entry in os.listdir(folder):
            parts = entry.rsplit(".", 1)[0].split("-")
            if entry.endswith((".dist-info", ".egg-info")) and len(parts) > 1:
                packages.setdefault(parts[0].replace("_", "-"), parts[1])
print(json.dumps({
    "implementation": platform.python_implementation(), "version": platform.python_version(),
    "executable": sys.executable, "prefix": sys.prefix, "platform": platform.platform(),
    "packages": packages, "path": path,
}))
"""

Stamps = tuple[tuple[str, int | None], ...]
Key = tuple[Machine, str, tuple[tuple[str, str], ...]]


class InterpreterCache:
    """What interpreters say of themselves, kept for as long as they and their package folders are unchanged."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.records: dict[Key, tuple[Stamps, EnvironmentRecord]] = {}

    def describe(self, machine: Machine, interpreter: str, environment: Mapping[str, str]) -> EnvironmentRecord:
        """Return the interpreter's record; it is asked again only when something changed."""
        names = sorted(name for name in environment if not name.startswith("AMLWEB_"))
        key = (machine, interpreter, tuple((name, environment[name]) for name in names))
        kept = self.records.get(key)
        if kept is not None and stamps_of(machine, [path for path, _ in kept[0]]) == kept[0]:
            return kept[1]
        said = ask_interpreter(machine, interpreter, environment)
        stamps = stamps_of(machine, [interpreter, *said.pop("path")])
        record = EnvironmentRecord(
            interpreter=said.pop("executable") or interpreter,
            version=said.pop("version"),
            packages=said.pop("packages"),
            details=said,
        )
        with self.lock:
            while len(self.records) >= CACHED:
                self.records.pop(next(iter(self.records)))
            self.records[key] = (stamps, record)
        return record


def stamps_of(machine: Machine, paths: list[str]) -> Stamps:
    """Return each path with the time of its last change, None when it is not there."""
    return tuple((path, facts.modified_ns if (facts := machine.stat(path)) else None) for path in paths)


def ask_interpreter(machine: Machine, interpreter: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Run the interpreter once. Raises PreparationFailed when it does not answer as a Python 3.6 or newer does."""
    result = machine.run([interpreter, "-c", PROGRAM], environment=environment, deadline_seconds=DEADLINE_SECONDS)
    try:
        return checked(json.loads(result.output.decode().splitlines()[-1]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        lines = result.errors.decode(errors="replace").strip().splitlines()
        raise PreparationFailed(
            f"{interpreter} does not answer as a Python 3 does: {lines[-1][:300] if lines else 'it printed nothing'}",
            "Set pythonLocation of the compute target to a working Python 3.6 or newer.",
        ) from error


def checked(said: dict[str, Any]) -> dict[str, Any]:
    """Return what an interpreter said of itself as short plain texts: a script may have put itself in its place."""
    texts = {name: plain(said[name]) for name in ("implementation", "version", "executable", "prefix", "platform")}
    packages = list(said["packages"].items())[:MOST_PACKAGES]
    return {
        **texts,
        "packages": {plain(name): plain(version) for name, version in packages},
        "path": [folder for folder in map(str, said["path"]) if "\0" not in folder][:MOST_FOLDERS],
    }
