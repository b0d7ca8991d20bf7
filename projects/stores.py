"""Where this installation keeps files of projects, and how much a project may hold, as the settings say."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from projects.blob_store import BlobStore
from projects.size_limits import SizeLimits


def blob_store() -> BlobStore:
    """Return the store of all files of all snapshots."""
    return BlobStore(settings.BLOB_DIR)


def size_limits() -> SizeLimits:
    """Return what a project may hold."""
    return SizeLimits(settings.SNAPSHOT_MAX_FILES, settings.SNAPSHOT_MAX_FILE_BYTES, settings.SNAPSHOT_MAX_BYTES)


@contextmanager
def fresh_folder(purpose: str) -> Iterator[Path]:
    """Give an empty folder (0700) in the data folder, and take it away with all that is in it.

    It is made below the data folder, never in /tmp, because a project may be larger than /tmp.
    """
    incoming = Path(settings.DATA_DIR).resolve() / "incoming"
    incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{purpose}-", dir=incoming) as folder:
        yield Path(folder)
