"""A snapshot as one `.tar.gz`: the same snapshot gives the same bytes, whenever and wherever it is packed."""

import tarfile
import zlib
from collections.abc import Iterator

from projects.blob_store import CHUNK_BYTES
from projects.manifest import Manifest
from projects.models import Snapshot
from projects.snapshots.reading import manifest_of_snapshot
from projects.stores import blob_store

_GZIP_FORMAT = zlib.MAX_WBITS + 16


def archive_name(snapshot: Snapshot) -> str:
    """Return the name of the archive without its suffix; its one top folder is called the same."""
    return f"{snapshot.project.slug}-{snapshot.digest[:12]}"


def stream_archive(snapshot: Snapshot) -> Iterator[bytes]:
    """Return the archive in pieces, with flat memory; all files in one top folder. Raises BlobMissing.

    The database is asked before the first piece is: pieces may be taken in another thread.
    """
    return _packed(_tar(archive_name(snapshot), manifest_of_snapshot(snapshot)))


def _packed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(level=6, wbits=_GZIP_FORMAT)
    for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def _tar(top: str, manifest: Manifest) -> Iterator[bytes]:
    store = blob_store()
    for entry in manifest:
        header = tarfile.TarInfo(f"{top}/{entry.path}")
        header.size, header.mode = entry.size, entry.mode
        yield header.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
        with store.open(entry.sha256) as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
        yield b"\0" * (-entry.size % tarfile.BLOCKSIZE)
    yield b"\0" * (2 * tarfile.BLOCKSIZE)
