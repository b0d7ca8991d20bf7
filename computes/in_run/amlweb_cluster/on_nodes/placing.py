"""What the driver program needs: the code as one file, and its specification."""

import hashlib
import json
import os
import shutil
import tarfile

from .names import CODE, SPECIFICATION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PLACED = "placed"
PIECE_BYTES = 1 << 20


def files_for_driver(scratch: str, spec: "dict[str, Any]") -> "list[str]":
    """Write the code and the specification of a run; return their names in `scratch`, a folder of ours.

    Raises OSError.
    """
    folder = os.path.join(scratch, PLACED)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, 0o700)
    tar = os.path.join(folder, CODE)
    write_code(spec["working_folder"], tar)
    driver = dict(spec["cluster"]["driver"], code_sha256=digest_of(tar))
    with open(os.path.join(folder, SPECIFICATION), "wb") as file:
        file.write(json.dumps(driver).encode("ascii"))
    return [os.path.join(PLACED, name) for name in (CODE, SPECIFICATION)]


def write_code(code: str, path: str) -> None:
    """Write every file below a folder into a tar."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for parent, _, files in os.walk(code):
            for name in sorted(files):
                file = os.path.join(parent, name)
                if os.path.islink(file) or not os.path.isfile(file):
                    continue
                facts = os.stat(file)
                entry = tarfile.TarInfo(os.path.relpath(file, code))
                entry.size, entry.mode = facts.st_size, facts.st_mode & 0o755
                with open(file, "rb") as content:
                    tar.addfile(entry, content)


def digest_of(path: str) -> str:
    """Return the sha256 of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        piece = file.read(PIECE_BYTES)
        while piece:
            digest.update(piece)
            piece = file.read(PIECE_BYTES)
    return digest.hexdigest()
