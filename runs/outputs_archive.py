"""All outputs of a run as one archive, made while it is sent: never more than a chunk in memory, nothing on disk."""

import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from runs.run_folder_files import FilePart, open_beneath

BLOCK_BYTES = 512


class Collector:
    """A file that can only be written: it gathers what an archive writer writes until it is taken."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep some bytes."""
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: what was written is taken by `take`."""

    def close(self) -> None:
        """Do nothing: there is nothing to free."""

    def take(self) -> bytes:
        """Return what was gathered and forget it."""
        gathered = b"".join(self.pieces)
        self.pieces.clear()
        return gathered


def open_files(folder: Path, paths: Sequence[str]) -> Iterator[tuple[str, FilePart]]:
    """Yield each file that is still there, open; closed again when the next is asked for."""
    for path in paths:
        try:
            file = open_beneath(folder, path)
        except FileNotFoundError:
            continue
        try:
            yield path, file
        finally:
            file.close()


def stream_zip(folder: Path, paths: Sequence[str]) -> Iterator[bytes]:
    """Yield a zip archive of files below a folder."""
    collector = Collector()
    with zipfile.ZipFile(collector, "w", compresslevel=1) as archive:
        for path, file in open_files(folder, paths):
            facts = zipfile.ZipInfo(path)
            facts.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(facts, "w", force_zip64=True) as entry:
                for chunk in file:
                    entry.write(chunk)
                    yield collector.take()
    yield collector.take()


def stream_tar_gz(folder: Path, paths: Sequence[str]) -> Iterator[bytes]:
    """Yield a compressed tar archive of files below a folder."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    for path, file in open_files(folder, paths):
        header = tarfile.TarInfo(path)
        header.size, header.mode = file.end, 0o644
        yield packer.compress(header.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))
        sent = 0
        for chunk in file:
            sent += len(chunk)
            yield packer.compress(chunk)
        yield packer.compress(b"\0" * (header.size - sent + -header.size % BLOCK_BYTES))
    yield packer.compress(b"\0" * (2 * BLOCK_BYTES)) + packer.flush()


ARCHIVES = {"zip": (stream_zip, "application/zip"), "tar.gz": (stream_tar_gz, "application/gzip")}
