"""Which files of a snapshot a person may want to run."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from projects.kept_by_digest import KeptByDigest
from projects.manifest import ManifestEntry
from projects.models import Snapshot
from projects.snapshots.reading import manifest_of_snapshot, read_file

READ_BYTES = 256_000
MOST_READ = 200
_NOT_RUN = frozenset({"__init__.py", "setup.py", "conftest.py"})
_NOT_RUN_FOLDERS = frozenset({"aml_config", "tests", "test"})
_MAIN_NAME = re.compile(r"(main|train|run|fit|evaluate|score|predict)(_|\.|\d)|.*_(main|train|training)\.py")
_MAIN_GUARD = re.compile(rb"^if\s+\(?\s*(__name__\s*==\s*['\"]__main__['\"]|['\"]__main__['\"]\s*==\s*__name__)", re.M)


def runnable_scripts(snapshot: Snapshot) -> list[str]:
    """Return the paths of the Python scripts, those that look like an entry first, then by depth and name.

    Left out are configuration, tests, hidden files and files that are never run by themselves. Raises BlobMissing.
    """
    return list(_scripts(snapshot).paths)


def likely_scripts(snapshot: Snapshot) -> frozenset[str]:
    """Return those of the runnable scripts that are at the top level or look like an entry. Raises BlobMissing."""
    return _scripts(snapshot).likely


@dataclass(frozen=True, slots=True)
class _Scripts:
    paths: tuple[str, ...]
    likely: frozenset[str]


def _find(snapshot: Snapshot) -> _Scripts:
    scripts = [entry for entry in manifest_of_snapshot(snapshot) if _may_be_run(PurePosixPath(entry.path))]
    scripts.sort(key=lambda entry: (entry.path.count("/"), entry.path))
    looks_main = {
        entry.path for place, entry in enumerate(scripts) if _looks_main(snapshot, entry, read=place < MOST_READ)
    }
    paths = sorted((entry.path for entry in scripts), key=lambda path: path not in looks_main)
    return _Scripts(tuple(paths), frozenset(path for path in paths if path in looks_main or "/" not in path))


_scripts: KeptByDigest[_Scripts] = KeptByDigest(_find, most=64)


def _may_be_run(path: PurePosixPath) -> bool:
    return (
        path.suffix == ".py"
        and path.name not in _NOT_RUN
        and not path.name.startswith("test_")
        and not any(part.startswith(".") for part in path.parts)
        and _NOT_RUN_FOLDERS.isdisjoint(path.parts[:-1])
    )


def _looks_main(snapshot: Snapshot, entry: ManifestEntry, *, read: bool) -> bool:
    if _MAIN_NAME.match(PurePosixPath(entry.path).name):
        return True
    return read and _MAIN_GUARD.search(read_file(snapshot, entry.path, READ_BYTES)) is not None
