"""Reading a snapshot: its manifest, one entry, one file."""

from bisect import bisect_left
from functools import lru_cache
from pathlib import Path

from projects.blob_store import BlobStore
from projects.errors import FileNotInSnapshot
from projects.manifest import Manifest, ManifestEntry, from_json
from projects.models import Snapshot
from projects.stores import blob_store


def manifest_of_snapshot(snapshot: Snapshot) -> Manifest:
    """Return the manifest, sorted by path. Raises BlobMissing when the blob store lost it."""
    return _manifest(blob_store().root, snapshot.digest)


def entry_of(snapshot: Snapshot, path: str) -> ManifestEntry:
    """Return what the manifest says of a path. Raises FileNotInSnapshot."""
    manifest = manifest_of_snapshot(snapshot)
    try:
        wanted = path.encode()
    except UnicodeEncodeError as error:
        raise FileNotInSnapshot(path) from error
    place = bisect_left(manifest, wanted, key=lambda entry: entry.path.encode())
    if place == len(manifest) or manifest[place].path != path:
        raise FileNotInSnapshot(path)
    return manifest[place]


def read_file(snapshot: Snapshot, path: str, limit: int) -> bytes:
    """Return at most `limit` bytes of a file, from its beginning. Raises FileNotInSnapshot and BlobMissing."""
    with blob_store().open(entry_of(snapshot, path).sha256) as file:
        return file.read(limit)


@lru_cache(maxsize=8)
def _manifest(root: Path, digest: str) -> Manifest:
    """Read a manifest once. Few are kept: one of 20,000 files takes some megabytes."""
    with BlobStore(root).open(digest) as file:
        return from_json(file.read().decode())
