"""Copying what a script left behind, on this machine. What is left, and why, is decided by the supervisor's walk."""

import hashlib
import os
import secrets
from pathlib import Path

from computes.contract import Collected
from computes.machines.contract import CollectionLimits
from computes.supervisor.outputs import Found, Outputs


def collect_tree(top: str, into: Path, limits: CollectionLimits) -> list[Collected]:
    """Copy the ordinary files below `top` into a folder of ours, each under a temporary name until it is whole.

    Raises OSError when our own side cannot be written.
    """
    outputs = Outputs(limits.files, limits.file_bytes, limits.total_bytes)
    return [kept(found, into) for found in outputs.found_in(top)]


def kept(found: Found, into: Path) -> Collected:
    """Copy one file, or say why it is left. A file that grows meanwhile is copied as it was when it was opened."""
    if found.reason:
        return Collected(path=found.path, size=found.size, sha256="", skipped=found.reason)
    destination = into / found.path
    with open(found.descriptor, "rb", buffering=0) as source:
        destination.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_beside(destination)
        try:
            digest = hashlib.sha256()
            left = found.size
            with open(temporary, "xb") as copy:
                while left and (data := os.read(source.fileno(), min(1 << 20, left))):
                    digest.update(data)
                    copy.write(data)
                    left -= len(data)
            temporary.replace(destination)
        finally:
            temporary.unlink(missing_ok=True)
    return Collected(path=found.path, size=found.size - left, sha256=digest.hexdigest())


def temporary_beside(destination: Path) -> Path:
    """Return a name of our own for a file that is not whole yet."""
    return destination.with_name(f".{secrets.token_hex(8)}.tmp")
