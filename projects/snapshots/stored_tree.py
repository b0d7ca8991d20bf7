"""The files of a folder, stored: the part of a snapshot that needs no database."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from projects.blob_store import BlobStore, BlobTooLarge
from projects.errors import SourceRefused
from projects.folder_walk import FoundFile, open_beneath, open_folder, walk_folder
from projects.git.facts import NO_GIT, GitFacts, git_facts_of
from projects.manifest import Manifest, ManifestEntry, digest_of, manifest_of, to_json
from projects.path_rules import shown
from projects.size_limits import SizeLimits, refuse_if_too_large

MOST_NOTES = 20


@dataclass(frozen=True, slots=True)
class StoredTree:
    """The manifest, its digest, what was left out and why, and git's facts. All content is in the blob store."""

    manifest: Manifest
    digest: str
    notes: tuple[str, ...] = ()
    git: GitFacts = NO_GIT


def store_tree(
    store: BlobStore,
    folder: Path,
    limits: SizeLimits,
    form_field: str,
    *,
    left_out: Mapping[str, str] | None = None,
    on_file: Callable[[], None] | None = None,
) -> StoredTree:
    """Store what belongs to the project in an absolute folder that is reached without a link.

    `left_out` names paths that are not files of the project, with a note each; `on_file` is called after each file.
    Raises SourceRefused on `form_field`: too large, nothing in it, a name or a file that cannot be taken.
    """
    try:
        descriptor = open_folder(folder)
    except OSError as error:
        text = f"The folder {shown(str(folder))!r} cannot be opened: {error.strerror}."
        raise SourceRefused(form_field, text, "Check the path, and that the server's user may read it.") from error
    try:
        found = walk_folder(descriptor, form_field, 10 * limits.files, left_out)
        refuse_if_too_large(form_field, [(file.path, file.size) for file in found.files], limits)
        entries = []
        for file in found.files:
            entries.append(_stored(store, descriptor, file, limits, form_field))
            if on_file is not None:
                on_file()
    finally:
        os.close(descriptor)
    refuse_if_too_large(form_field, [(entry.path, entry.size) for entry in entries], limits)
    return store_manifest(store, entries, form_field, tuple(_shortened(found.notes)), git_facts_of(folder))


def store_manifest(
    store: BlobStore,
    entries: Iterable[ManifestEntry],
    form_field: str,
    notes: tuple[str, ...] = (),
    git: GitFacts = NO_GIT,
) -> StoredTree:
    """Store the manifest of entries whose content is stored already. Raises SourceRefused when there are none."""
    manifest = manifest_of(entries)
    if not manifest:
        raise SourceRefused(
            form_field,
            "There is no file in it that belongs to a project.",
            "Add a script, or look whether .amlignore or .gitignore leaves everything out.",
        )
    store.put_bytes(to_json(manifest).encode())
    return StoredTree(manifest, digest_of(manifest), notes, git)


def _stored(store: BlobStore, folder: int, file: FoundFile, limits: SizeLimits, form_field: str) -> ManifestEntry:
    try:
        with open_beneath(folder, file.name_on_disk) as opened:
            blob = store.put_file(opened, limits.file_bytes)
    except BlobTooLarge:
        refuse_if_too_large(form_field, [(file.path, limits.file_bytes + 1)], limits)
        raise
    except OSError as error:
        text = f"The file {shown(file.path)!r} cannot be read: {error.strerror or error}."
        remedy = "Let the server's user read it, wait until nothing changes it, or name it in .amlignore."
        raise SourceRefused(form_field, text, remedy) from error
    return ManifestEntry(file.path, file.mode, blob.size, blob.sha256)


def _shortened(notes: list[str]) -> list[str]:
    if len(notes) <= MOST_NOTES:
        return notes
    return [*notes[:MOST_NOTES], f"{len(notes) - MOST_NOTES:,} more were left out for the same reasons."]
