"""The README of a snapshot, as plain text."""

from dataclasses import dataclass

from projects.models import Snapshot
from projects.snapshots import manifest_of_snapshot, read_file

NAMES = ("readme.md", "readme.rst", "readme.txt", "readme")
MOST_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Readme:
    """The beginning of a README. `is_cut` says that there is more of it."""

    path: str
    text: str
    is_cut: bool


def readme_of(snapshot: Snapshot) -> Readme | None:
    """Return the first 20,000 bytes of the README in the top folder, None when there is none. Raises BlobMissing."""
    found = {entry.path.casefold(): entry for entry in manifest_of_snapshot(snapshot) if "/" not in entry.path}
    entry = next((found[name] for name in NAMES if name in found), None)
    if entry is None:
        return None
    text = read_file(snapshot, entry.path, MOST_BYTES).decode(errors="replace").replace("\0", "\ufffd")
    return Readme(entry.path, text, entry.size > MOST_BYTES)
