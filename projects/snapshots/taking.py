"""Taking a snapshot: the folder's files into the blob store, one row into the database."""

from pathlib import Path

from projects.models import Project, Snapshot
from projects.snapshots.stored_tree import StoredTree, store_tree
from projects.stores import blob_store, size_limits


def take_snapshot(project: Project, folder: Path) -> Snapshot:
    """Freeze a folder as it is now. The same content gives the same digest, and the same row.

    The project's current snapshot is not touched. Raises SourceRefused on the field "folder".
    """
    return record_snapshot(project, store_tree(blob_store(), folder.resolve(), size_limits(), "folder"))


def record_snapshot(project: Project, tree: StoredTree) -> Snapshot:
    """Return the project's row for a stored tree, made when it is new.

    Git's facts of an older row give way to better ones: the same files, now known to be exactly a commit.
    """
    facts = {"git_commit": tree.git.commit, "git_dirty": tree.git.dirty}
    snapshot, is_new = Snapshot.objects.get_or_create(
        project=project,
        digest=tree.digest,
        defaults={
            "files": len(tree.manifest),
            "size_bytes": sum(entry.size for entry in tree.manifest),
            "notes": list(tree.notes),
            **facts,
        },
    )
    if not is_new and tree.git.commit and (not snapshot.git_commit or not tree.git.dirty):
        Snapshot.objects.filter(pk=snapshot.pk).update(**facts)
        snapshot.git_commit, snapshot.git_dirty = tree.git.commit, tree.git.dirty
    return snapshot
