"""What changed between two snapshots, file by file, in the unified form that people read."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from typing import Literal

from projects.manifest import ManifestEntry
from projects.models import Snapshot
from projects.snapshots.reading import manifest_of_snapshot
from projects.stores import blob_store

MAXIMUM_TEXT_BYTES = 200_000
MAXIMUM_LINES = 4_000
MOST_TEXTS = 100

Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class FileDifference:
    """One file. `text` is a unified diff, or None where `remark` says why there is none.

    Sizes are bytes, None where the file is not there; `mode_changed` means that it became executable or ceased to be.
    """

    path: str
    change: Change
    old_size: int | None
    new_size: int | None
    mode_changed: bool
    text: str | None
    remark: str


def differences(old: Snapshot | None, new: Snapshot) -> list[FileDifference]:
    """Return the files that differ, by path; against nothing all are added. Raises BlobMissing.

    At most 100 files are compared line by line, none above 200,000 bytes or 4,000 lines.
    """
    before = {} if old is None else {entry.path: entry for entry in manifest_of_snapshot(old)}
    after = {entry.path: entry for entry in manifest_of_snapshot(new)}
    paths = sorted(
        (path for path in before.keys() | after.keys() if before.get(path) != after.get(path)), key=str.encode
    )
    return list(_compared(paths, before, after))


def _compared(
    paths: list[str], before: dict[str, ManifestEntry], after: dict[str, ManifestEntry]
) -> Iterator[FileDifference]:
    texts = 0
    for path in paths:
        one, other = before.get(path), after.get(path)
        change: Change = "added" if one is None else "removed" if other is None else "changed"
        mode_changed = one is not None and other is not None and one.mode != other.mode
        if texts >= MOST_TEXTS:
            text, remark = None, "not compared: too many files differ"
        else:
            text, remark = _text_of(path, one, other)
            texts += text is not None
        yield FileDifference(
            path, change, one.size if one else None, other.size if other else None, mode_changed, text, remark
        )


def _text_of(path: str, one: ManifestEntry | None, other: ManifestEntry | None) -> tuple[str | None, str]:
    if one is not None and other is not None and one.sha256 == other.sha256:
        return None, "only the mode changed"
    if any(entry is not None and entry.size > MAXIMUM_TEXT_BYTES for entry in (one, other)):
        return None, "too large to compare"
    old_lines, new_lines = _lines(one), _lines(other)
    if old_lines is None or new_lines is None:
        return None, "binary"
    if max(len(old_lines), len(new_lines)) > MAXIMUM_LINES:
        return None, "too many lines to compare"
    names = ("/dev/null" if one is None else f"a/{path}", "/dev/null" if other is None else f"b/{path}")
    return "\n".join(unified_diff(old_lines, new_lines, *names, lineterm="")), ""


def _lines(entry: ManifestEntry | None) -> list[str] | None:
    """Return the lines of a text file, None when it is no text."""
    if entry is None:
        return []
    with blob_store().open(entry.sha256) as file:
        content = file.read(MAXIMUM_TEXT_BYTES)
    try:
        return None if b"\0" in content else content.decode().split("\n")
    except UnicodeDecodeError:
        return None
