"""Writes `.conda` packages that are the same bytes each time."""

import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

from conda_package_streaming.create import conda_builder

MOMENT = 1767225600
PLACEHOLDER = "/opt/anaconda1anaconda2anaconda3"


def write_package(channel: Path, stage: Path, index: dict[str, Any], link: dict[str, Any] | None = None) -> Path:
    """Pack the files of a folder, which may be missing, and return the package."""
    whole = {"build": "0", "build_number": 0, "subdir": "noarch", "depends": [], "timestamp": MOMENT * 1000, **index}
    stem = f"{whole['name']}-{whole['version']}-{whole['build']}"
    target = channel / whole["subdir"]
    files = sorted(path for path in stage.rglob("*") if path.is_symlink() or path.is_file())
    paths = {"paths_version": 1, "paths": [entry_of(stage, path) for path in files]}
    notes = {"index.json": whole, "paths.json": paths, "about.json": {}, **({"link.json": link} if link else {})}
    with conda_builder(stem, str(target), compression_level=1) as tar:
        for name, data in sorted(notes.items()):
            content = json.dumps(data, sort_keys=True).encode()
            entry = tarfile.TarInfo(f"info/{name}")
            entry.size, entry.mtime = len(content), MOMENT
            tar.addfile(entry, io.BytesIO(content))
        for path in files:
            add_file(tar, path, path.relative_to(stage).as_posix())
    return with_fixed_dates(target / f"{stem}.conda")


def entry_of(stage: Path, path: Path) -> dict[str, Any]:
    """Return what paths.json says of a file."""
    name = path.relative_to(stage).as_posix()
    if path.is_symlink():
        data = path.read_bytes() if path.is_file() else b""
        return {"_path": name, "path_type": "softlink", "sha256": sha256(data), "size_in_bytes": len(data)}
    data = path.read_bytes()
    entry = {"_path": name, "path_type": "hardlink", "sha256": sha256(data), "size_in_bytes": len(data)}
    if PLACEHOLDER.encode() in data:
        entry |= {"prefix_placeholder": PLACEHOLDER, "file_mode": "binary" if b"\0" in data else "text"}
    return entry


def add_file(tar: tarfile.TarFile, path: Path, name: str) -> None:
    """Add a file or a link with a fixed time and owner."""
    entry = tarfile.TarInfo(name)
    entry.mtime = MOMENT
    if path.is_symlink():
        entry.type, entry.linkname = tarfile.SYMTYPE, str(path.readlink())
        tar.addfile(entry)
        return
    facts = path.stat()
    entry.size, entry.mode = facts.st_size, 0o755 if facts.st_mode & 0o100 else 0o644
    with path.open("rb") as file:
        tar.addfile(entry, file)


def with_fixed_dates(package: Path) -> Path:
    """Write the outer archive anew without the time of day."""
    temporary = package.with_suffix(".tmp")
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as copy:
        for name in source.namelist():
            copy.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), source.read(name))
    temporary.replace(package)
    return package


def sha256(data: bytes) -> str:
    """Return a checksum."""
    return hashlib.sha256(data).hexdigest()
