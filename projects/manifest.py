"""The manifest of a snapshot: what each file is called, how large it is and what its content hashes to.

Plain Python: machines and executors read manifests without Django.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One file: relative POSIX path, mode (0o644 or 0o755), size in bytes, sha256 in hexadecimal."""

    path: str
    mode: int
    size: int
    sha256: str


Manifest = tuple[ManifestEntry, ...]


def manifest_of(entries: Iterable[ManifestEntry]) -> Manifest:
    """Return the entries in the one order that digests are made in: by path, as bytes."""
    return tuple(sorted(entries, key=lambda entry: entry.path.encode()))


def to_json(manifest: Manifest) -> str:
    """Return the canonical text of a manifest: no white space, keys in a fixed order."""
    return json.dumps([asdict(entry) for entry in manifest], separators=(",", ":"), ensure_ascii=True)


def from_json(text: str) -> Manifest:
    """Read what `to_json` wrote. Raises ValueError, KeyError or TypeError on anything else."""
    return tuple(ManifestEntry(**entry) for entry in json.loads(text))


def digest_of(manifest: Manifest) -> str:
    """Return the snapshot's digest: the sha256, in hexadecimal, of the canonical text."""
    return hashlib.sha256(to_json(manifest).encode()).hexdigest()
