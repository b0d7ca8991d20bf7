"""A snapshot's files as a mapping from path to content that reads a file only when it is asked for."""

from collections.abc import Iterator, Mapping

from projects.errors import FileNotInSnapshot
from projects.models import Snapshot
from projects.snapshots.reading import entry_of, manifest_of_snapshot, read_file


class SnapshotFiles(Mapping[str, bytes]):
    """Path → content, of which at most `limit` bytes are read. A path that is not there raises KeyError."""

    def __init__(self, snapshot: Snapshot, limit: int) -> None:
        self._snapshot = snapshot
        self._limit = limit

    def __getitem__(self, path: str) -> bytes:
        try:
            return read_file(self._snapshot, path, self._limit)
        except FileNotInSnapshot as error:
            raise KeyError(path) from error

    def __contains__(self, path: object) -> bool:
        try:
            return isinstance(path, str) and entry_of(self._snapshot, path) is not None
        except FileNotInSnapshot:
            return False

    def __iter__(self) -> Iterator[str]:
        return (entry.path for entry in manifest_of_snapshot(self._snapshot))

    def __len__(self) -> int:
        return len(manifest_of_snapshot(self._snapshot))
