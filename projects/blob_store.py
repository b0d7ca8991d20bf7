"""Files kept once by the sha256 of what they hold, at `<root>/<first two digits>/<the other 62>`, read-only.

Plain Python. Any number of processes may write at once: a blob is written aside, complete, and renamed into place.
Nothing is forced to the disk; a blob that a power cut has shortened is written anew when its file is stored again.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CHUNK_BYTES = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


class BlobMissing(Exception):
    """The store does not hold this content; the data folder lost a file."""


class BlobTooLarge(Exception):
    """More bytes came than were allowed."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Content that the store holds: its sha256 in hexadecimal and its bytes."""

    sha256: str
    size: int


class BlobStore:
    """The blobs below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path_of(self, sha256: str) -> Path:
        """Return where content of this digest is or would be. Raises ValueError when it is no digest."""
        if not _DIGEST.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is not a sha256 in hexadecimal.")
        return self.root / sha256[:2] / sha256[2:]

    def has(self, sha256: str) -> bool:
        """True when the store holds content of this digest."""
        return self.path_of(sha256).exists()

    def open(self, sha256: str) -> IO[bytes]:
        """Open content for reading. Raises BlobMissing."""
        try:
            return self.path_of(sha256).open("rb")
        except FileNotFoundError as error:
            raise BlobMissing(
                f"The content {sha256} is not in the blob store. An administrator must bring the blobs folder back "
                "from a backup, or the project's code must be uploaded again."
            ) from error

    def put_bytes(self, data: bytes) -> Blob:
        """Store bytes."""
        blob = Blob(hashlib.sha256(data).hexdigest(), len(data))
        if not self._refresh(blob):
            with self._aside() as (file, aside):
                file.write(data)
                self._place(file, aside, blob)
        return blob

    def put_stream(self, stream: IO[bytes], limit: int | None = None) -> Blob:
        """Store what a stream still holds, with flat memory. Raises BlobTooLarge beyond `limit` bytes."""
        with self._aside() as (file, aside):
            digest, size = hashlib.sha256(), 0
            while chunk := stream.read(CHUNK_BYTES):
                size += len(chunk)
                if limit is not None and size > limit:
                    raise BlobTooLarge(f"more than {limit} bytes")
                digest.update(chunk)
                file.write(chunk)
            blob = Blob(digest.hexdigest(), size)
            if not self._refresh(blob):
                self._place(file, aside, blob)
        return blob

    def put_file(self, file: IO[bytes], limit: int | None = None) -> Blob:
        """Store an open file from its beginning; nothing is written when the store has it already.

        Raises BlobTooLarge beyond `limit` bytes.
        """
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        if limit is not None and size > limit:
            raise BlobTooLarge(f"more than {limit} bytes")
        if size <= CHUNK_BYTES:
            data = file.read(CHUNK_BYTES + 1)
            if len(data) <= CHUNK_BYTES:
                return self.put_bytes(data)
        else:
            blob = Blob(hashlib.file_digest(file, "sha256").hexdigest(), size)  # type: ignore[arg-type]
            if self._refresh(blob):
                return blob
        file.seek(0)
        return self.put_stream(file, limit)

    def _refresh(self, blob: Blob) -> bool:
        """True when the blob is there whole; its time of change then says that it was wanted now."""
        path = self.path_of(blob.sha256)
        try:
            whole = path.stat().st_size == blob.size
            if whole:
                os.utime(path)
        except FileNotFoundError:
            return False
        return whole

    @contextmanager
    def _aside(self) -> Iterator[tuple[IO[bytes], Path]]:
        incoming = self.root / "incoming"
        incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = incoming / f"{os.getpid()}-{secrets.token_hex(8)}"
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
                yield file, path
        finally:
            path.unlink(missing_ok=True)

    def _place(self, file: IO[bytes], aside: Path, blob: Blob) -> None:
        file.flush()
        target = self.path_of(blob.sha256)
        target.parent.mkdir(mode=0o700, exist_ok=True)
        aside.rename(target)
