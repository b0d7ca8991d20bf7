"""Makes the tar of a linked folder as it is sent to a place: the same bytes for the same packages.

Everything has the form of `computes.environments.prefix_form`, owners are fixed, names in order.
"""

import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from computes.environments.prefix_form import FOLDER_MODE, MOMENT, is_note, link_inside, mode_of, note_in_form
from computes.environments.stopping import ShouldStop, ask

CHUNK = 1 << 20


def tar_of_prefix(folder: Path, prefix: str, should_stop: ShouldStop) -> Iterator[bytes]:
    """Yield the tar of a folder that was linked for a prefix path. Raises PreparationFailed and PreparationStopped."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    yield from _tar(dict(sorted(paths.items())), prefix, should_stop)


def tar_of_files(files: Mapping[str, Path], should_stop: ShouldStop) -> Iterator[bytes]:
    """Yield the tar of single files by the path that they get."""
    yield from _tar(dict(sorted(files.items())), "", should_stop)


def _tar(paths: Mapping[str, Path], prefix: str, should_stop: ShouldStop) -> Iterator[bytes]:
    """Yield pieces of about CHUNK, and never more of a file than that at once."""
    parts: list[bytes] = []
    size = 0
    for name, path in paths.items():
        for part in _entry(name, path, prefix):
            parts.append(part)
            size += len(part)
            if size >= CHUNK:
                ask(should_stop)
                yield b"".join(parts)
                parts, size = [], 0
    yield b"".join([*parts, bytes(2 * tarfile.BLOCKSIZE)])


def _entry(name: str, path: Path, prefix: str) -> Iterator[bytes]:
    entry = tarfile.TarInfo(name)
    entry.mtime, entry.mode = MOMENT, FOLDER_MODE
    if path.is_symlink():
        entry.type, entry.linkname = tarfile.SYMTYPE, link_inside(name, str(path.readlink()), prefix)
        yield entry.tobuf(tarfile.GNU_FORMAT)
    elif path.is_dir():
        entry.type = tarfile.DIRTYPE
        yield entry.tobuf(tarfile.GNU_FORMAT)
    elif is_note(name):
        data = note_in_form(path)
        entry.mode, entry.size = mode_of(path), len(data)
        yield entry.tobuf(tarfile.GNU_FORMAT)
        yield data + _padding(len(data))
    elif path.is_file():
        entry.mode, entry.size = mode_of(path), path.stat().st_size
        yield entry.tobuf(tarfile.GNU_FORMAT)
        with path.open("rb") as file:
            while data := file.read(CHUNK):
                yield data
        yield _padding(entry.size)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)
