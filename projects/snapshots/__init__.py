"""Snapshots: taking one of a folder, reading it, packing it, and comparing two."""

from projects.snapshots.archive import stream_archive
from projects.snapshots.comparison import FileDifference, differences
from projects.snapshots.reading import entry_of, manifest_of_snapshot, read_file
from projects.snapshots.stored_tree import StoredTree, store_manifest, store_tree
from projects.snapshots.taking import record_snapshot, take_snapshot

__all__ = [
    "FileDifference",
    "StoredTree",
    "differences",
    "entry_of",
    "manifest_of_snapshot",
    "read_file",
    "record_snapshot",
    "store_manifest",
    "store_tree",
    "stream_archive",
    "take_snapshot",
]
