"""Changing one file of a project in the browser: each change is a new snapshot, the old one stays."""

from django.contrib.auth.models import User
from django.db import transaction

from projects.current_snapshot import move_current_snapshot
from projects.errors import EditConflict, FileNotInSnapshot, SourceRefused
from projects.ignore_rules import is_fixed_exclusion
from projects.manifest import ManifestEntry
from projects.models import Project, Snapshot
from projects.path_rules import PathRefused, checked_path, shown
from projects.size_limits import refuse_if_too_large
from projects.snapshots.reading import entry_of, manifest_of_snapshot, read_file
from projects.snapshots.stored_tree import store_manifest
from projects.snapshots.taking import record_snapshot
from projects.stores import blob_store, size_limits

MAXIMUM_EDITED_BYTES = 1_000_000


def replace_file(project: Project, user: User, path: str, text: str, based_on: Snapshot | None = None) -> Snapshot:
    """Save a text as a file of the project, new or not, and return the new current snapshot.

    `based_on` is the snapshot that the person saw (the project's current one when not given). Line ends, which
    browsers send as CRLF, become those of the file before, LF in a new one. Raises SourceRefused on "path" or "text",
    and EditConflict when the current snapshot is no longer that one.
    """
    old = _seen(project, based_on)
    path = _checked(path)
    kept = [entry for entry in manifest_of_snapshot(old) if entry.path != path] if old else []
    _refuse_clash(path, kept)
    content, mode = _content_like_before(old, path, text)
    if len(content) > MAXIMUM_EDITED_BYTES:
        remedy = "Put data into files of their own, and upload them."
        raise SourceRefused("text", f"The text has more than {MAXIMUM_EDITED_BYTES:,} bytes.", remedy)
    blob = blob_store().put_bytes(content)
    return _save(project, old, [*kept, ManifestEntry(path, mode, blob.size, blob.sha256)])


def delete_file(project: Project, user: User, path: str, based_on: Snapshot | None = None) -> Snapshot:
    """Take a file out of the project and return the new current snapshot; earlier snapshots keep it.

    Raises SourceRefused on "path" when it is not there or the last one, and EditConflict.
    """
    old = _seen(project, based_on)
    entries = manifest_of_snapshot(old) if old else ()
    kept = [entry for entry in entries if entry.path != path]
    if len(kept) == len(entries):
        raise SourceRefused("path", f"The project has no file {shown(path)!r}.", "Open the list of files again.")
    return _save(project, old, kept)


def _seen(project: Project, based_on: Snapshot | None) -> Snapshot | None:
    seen = based_on or project.current_snapshot
    if seen is not None and seen.project_id != project.pk:
        raise EditConflict("", "The change was made for another project.", "Open the file again.")
    return seen


def _checked(path: str) -> str:
    try:
        path = checked_path(path)
    except PathRefused as error:
        raise SourceRefused("path", f"The name {error.text}.", error.remedy) from error
    if is_fixed_exclusion(path):
        remedy = "Choose another name."
        raise SourceRefused("path", f"{shown(path)!r} is in a place that is never part of a project.", remedy)
    return path


def _refuse_clash(path: str, kept: list[ManifestEntry]) -> None:
    for entry in kept:
        if entry.path.startswith(f"{path}/") or path.startswith(f"{entry.path}/"):
            raise SourceRefused("path", f"{shown(entry.path)!r} is there already.", "Choose another name.")


def _content_like_before(old: Snapshot | None, path: str, text: str) -> tuple[bytes, int]:
    content = text.replace("\r\n", "\n")
    try:
        before = entry_of(old, path) if old else None
    except FileNotInSnapshot:
        before = None
    if old and before and b"\r\n" in read_file(old, path, MAXIMUM_EDITED_BYTES):
        content = content.replace("\n", "\r\n")
    try:
        return content.encode(), before.mode if before else 0o644
    except UnicodeEncodeError as error:
        raise SourceRefused("text", "The text holds half a character.", "Remove it and type it again.") from error


def _save(project: Project, old: Snapshot | None, entries: list[ManifestEntry]) -> Snapshot:
    refuse_if_too_large("text", [(entry.path, entry.size) for entry in entries], size_limits())
    tree = store_manifest(blob_store(), entries, "path")
    with transaction.atomic():
        snapshot = record_snapshot(project, tree)
        move_current_snapshot(project, old, snapshot)
    return snapshot
