"""Makes the tar of a linked folder as it is sent to a place: the same bytes for the same packages.

Modes are 0644 or 0755, times and owners fixed, names in order; conda's own notes can be read by everybody and say
nothing of this machine. Links that lead out of the prefix are refused.
"""

import json
import posixpath
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from computes.environments.stopping import ShouldStop, ask
from computes.errors import PreparationFailed

MOMENT = 1767225600
CHUNK = 1 << 20
OF_THIS_MACHINE = ("extracted_package_dir", "package_tarball_full_path", "link")


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
    entry.mtime, entry.mode = MOMENT, 0o755
    if path.is_symlink():
        entry.type, entry.linkname = tarfile.SYMTYPE, _inside(name, str(path.readlink()), prefix)
        yield entry.tobuf(tarfile.GNU_FORMAT)
    elif path.is_dir():
        entry.type = tarfile.DIRTYPE
        yield entry.tobuf(tarfile.GNU_FORMAT)
    elif posixpath.dirname(name) == "conda-meta" and name.endswith(".json"):
        data = _own_notes_dropped(path)
        entry.mode, entry.size = 0o644, len(data)
        yield entry.tobuf(tarfile.GNU_FORMAT)
        yield data + _padding(len(data))
    elif path.is_file():
        facts = path.stat()
        entry.mode, entry.size = (0o755 if facts.st_mode & 0o100 else 0o644), facts.st_size
        yield entry.tobuf(tarfile.GNU_FORMAT)
        with path.open("rb") as file:
            while data := file.read(CHUNK):
                yield data
        yield _padding(entry.size)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)


def _own_notes_dropped(path: Path) -> bytes:
    data = json.loads(path.read_bytes())
    for key in OF_THIS_MACHINE:
        data.pop(key, None)
    return json.dumps(data, indent=2).encode()


def _inside(name: str, target: str, prefix: str) -> str:
    """Return where a link leads, as it stands. Raises PreparationFailed when that is outside the prefix."""
    whole = posixpath.normpath(posixpath.join(prefix, posixpath.dirname(name), target))
    if not whole.startswith(f"{posixpath.normpath(prefix)}/"):
        raise PreparationFailed(
            f"A package holds a link that leads out of the environment: {name[:200]!r} to {target[:200]!r}.",
            "Use another version of the package, and tell whoever made it.",
        )
    return target
