"""Puts conda-pack on a head node. It is pure Python: the environment's own Python runs it there."""

import hashlib
from functools import lru_cache
from importlib.metadata import files
from pathlib import Path

from computes.machines.contract import PlacedFile
from computes.work_folder import WorkFolder

PACKAGE = "conda-pack"
TESTS = "tests"
NOTES = "METADATA"


def place_packer(folder: WorkFolder) -> str:
    """Return the folder that holds conda-pack, placed there if it is missing."""
    digest, placed = packer_files()
    path = f"{folder.path}/packer/{digest}"
    if folder.machine.stat(path) is None:
        folder.machine.make_folder(f"{folder.path}/packer")
        folder.machine.place_folder(path, placed)
    return path


@lru_cache
def packer_files() -> tuple[str, tuple[PlacedFile, ...]]:
    """Return the digest and the files of the conda-pack that is installed with the server."""
    found = []
    for entry in sorted(files(PACKAGE) or [], key=str):
        is_code = entry.parts[0] == PACKAGE.replace("-", "_") and not {TESTS, "__pycache__"} & set(entry.parts)
        if is_code or entry.name == NOTES:
            content = Path(str(entry.locate())).read_bytes()
            found.append(PlacedFile(entry.as_posix(), 0o644, content, hashlib.sha256(content).hexdigest()))
    digest = hashlib.sha256("".join(f"{file.path}\0{file.sha256}\n" for file in found).encode())
    return digest.hexdigest()[:16], tuple(found)
