"""The import from git itself, as the helper process runs it: one row, from waiting to done or failed.

Whoever takes the row from waiting to running does the work; a helper whose row was ended meanwhile writes nothing.
"""

import logging
import time
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from projects.errors import SourceRefused
from projects.git.fetching import GitSource, SshFiles, fetch_files
from projects.git.hosts import PRIVATE_NETWORKS, Network, addresses_of
from projects.git.location import read_location
from projects.git.watched_process import WatchLimits
from projects.models import Project, SourceImport
from projects.snapshots.stored_tree import StoredTree, store_tree
from projects.snapshots.taking import record_snapshot
from projects.source_imports import credential_of
from projects.stores import blob_store, fresh_folder, size_limits

HEARTBEAT_SECONDS = 2.0
LONGEST_SECONDS = 900.0
SERVER_LOG = logging.getLogger(__name__)


class _RowEnded(Exception):
    """Somebody else ended the import."""


def run_import(import_id: int) -> None:
    """Do a waiting import; anything else is left alone. What goes wrong is written into the row."""
    waiting = SourceImport.objects.filter(pk=import_id, state=SourceImport.State.WAITING)
    if not waiting.update(state=SourceImport.State.RUNNING, heartbeat_at=timezone.now()):
        return
    source_import = SourceImport.objects.select_related("project").get(pk=import_id)
    try:
        tree = _fetched(source_import)
        _finish(source_import, tree)
    except SourceRefused as error:
        _fail(import_id, error.text, error.remedy)
    except _RowEnded:
        SERVER_LOG.info("Import %s was ended by somebody else; nothing was written.", import_id)
    except Exception:
        _fail(import_id, "The server could not do the import.", "Ask an administrator to look into imports.log.")
        raise


class Heartbeat:
    """Says every two seconds, when called often enough, that the helper is alive."""

    def __init__(self, import_id: int) -> None:
        self._import_id = import_id
        self._beat_at = time.monotonic()

    def __call__(self) -> None:
        """Write the time. Raises when the row was ended meanwhile."""
        if time.monotonic() - self._beat_at < HEARTBEAT_SECONDS:
            return
        self._beat_at = time.monotonic()
        if not _running(self._import_id).update(heartbeat_at=timezone.now()):
            raise _RowEnded


def allowed_networks() -> tuple[Network, ...]:
    """Return the private networks that repositories are fetched from: in "single" mode those that its one person
    reaches anyway, in "team" mode those of settings.GIT_NETWORKS.
    """
    if settings.MODE == "single":
        return PRIVATE_NETWORKS
    return tuple(settings.GIT_NETWORKS)


def _fetched(source_import: SourceImport) -> StoredTree:
    location = read_location(source_import.location)
    credential = credential_of(source_import)
    location = type(location)(location.url, location.scheme, location.host, location.port, credential)
    keys = Path(settings.DATA_DIR) / "git"
    source = GitSource(
        location,
        source_import.reference,
        addresses_of(location, allowed_networks()),
        SshFiles(keys / "known_hosts", keys / "identity"),
    )
    beat, sizes = Heartbeat(source_import.pk), size_limits()
    limits = WatchLimits(time.monotonic() + LONGEST_SECONDS, 2 * sizes.total_bytes, beat)
    with fresh_folder("import") as folder:
        left_out = fetch_files(source, folder, sizes, limits)
        return store_tree(blob_store(), folder, sizes, "location", left_out=left_out, on_file=beat)


def _finish(source_import: SourceImport, tree: StoredTree) -> None:
    with transaction.atomic():
        done = {"state": SourceImport.State.DONE, "finished_at": timezone.now(), "sealed_credential": ""}
        if not _running(source_import.pk).update(**done):
            raise _RowEnded
        snapshot = record_snapshot(source_import.project, tree)
        SourceImport.objects.filter(pk=source_import.pk).update(
            snapshot=snapshot, text=f"{snapshot.files:,} files of commit {tree.git.commit[:12]} were imported."
        )
        Project.objects.filter(pk=source_import.project_id).update(
            current_snapshot=snapshot,
            source=Project.Source.GIT,
            source_location=source_import.location,
            source_reference=source_import.reference,
        )


def _fail(import_id: int, text: str, remedy: str) -> None:
    _running(import_id).update(
        state=SourceImport.State.FAILED, text=text, remedy=remedy, sealed_credential="", finished_at=timezone.now()
    )


def _running(import_id: int) -> "QuerySet[SourceImport]":
    return SourceImport.objects.filter(pk=import_id, state=SourceImport.State.RUNNING)
