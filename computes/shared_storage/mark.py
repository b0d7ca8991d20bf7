"""The mark of an installation in a shared storage: without ours it may be the empty place of an unmounted disk."""

from computes.errors import TargetUnreachable
from computes.shared_storage.contract import SharedStorage

FOLDER = ".amlweb"


def is_marked(storage: SharedStorage, installation_id: str) -> bool:
    """Whether this is the storage that we have worked in."""
    return installation_id in storage.names(FOLDER)


def leave_mark(storage: SharedStorage, installation_id: str) -> None:
    """Leave our mark in the storage where it is missing."""
    if not is_marked(storage, installation_id):
        storage.claim(f"{FOLDER}/{installation_id}", b"")


def require_mark(storage: SharedStorage, installation_id: str) -> None:
    """Raise TargetUnreachable unless our mark is there."""
    if not is_marked(storage, installation_id):
        raise TargetUnreachable(
            "Our mark is not in the target's work folder: is this the right storage, and is it mounted?",
            "Mount it, or correct the work folder; nothing is decided about its runs until then.",
        )
