"""The files of a snapshot as they are placed on a target."""

from collections.abc import Iterator

from computes.contract import ExecutionRequest
from computes.errors import TransferFailed
from computes.machines.contract import PlacedFile


def code_files(request: ExecutionRequest) -> Iterator[PlacedFile]:
    """Yield the snapshot's files. Raises TransferFailed when the store does not hold what the manifest promises."""
    for entry in request.manifest:
        blob = request.blobs / entry.sha256[:2] / entry.sha256[2:]
        try:
            size = blob.stat().st_size
        except OSError:
            size = -1
        if size != entry.size:
            raise TransferFailed(
                f"The snapshot store does not hold {entry.path[:200]!r} as it was taken.",
                "Restore the server's data folder from its backup, or take a new snapshot of the project.",
            )
        yield PlacedFile(entry.path, entry.mode, blob, entry.sha256)
