"""Packed environments in a shared storage, each whole or not there for those who use it.

environments/HASH.json     whose it is and how many bytes it must have; written first
environments/HASH.tar.gz   the pack: it counts when it has just so many bytes
"""

import io
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from computes.environments.stopping import ShouldStop, ask, never
from computes.errors import TransferFailed
from computes.shared_storage.contract import Listed, SharedStorage
from computes.shared_storage.mark import is_marked, leave_mark

FOLDER = "environments"
PACK, RECORD, TEMPORARY = ".tar.gz", ".json", ".tmp"
HASH = re.compile(r"[0-9a-f]{1,64}")
LONGEST_RECORD_BYTES = 4096
LONGEST_UPLOAD_SECONDS = 86_400.0


def pack_of(hash: str) -> str:
    """Return where the pack of an environment is in a storage."""
    if not HASH.fullmatch(hash):
        raise ValueError("hashes are lowercase hexadecimal")
    return f"{FOLDER}/{hash}{PACK}"


@dataclass(frozen=True, slots=True)
class Claim:
    """What the record of a pack says."""

    installation_id: str
    bytes: int


class PackedEnvironments:
    """The packs in a storage that an installation works with. Raises TargetError."""

    def __init__(self, storage: SharedStorage, installation_id: str) -> None:
        self.storage = storage
        self.installation_id = installation_id

    def is_whole(self, hash: str) -> bool:
        """Whether an environment may be used: some installation has brought all of it."""
        claim = self.claim_on(hash)
        there = self.storage.listing(FOLDER).get(f"{hash}{PACK}") if claim is not None else None
        return claim is not None and there is not None and there.bytes == claim.bytes

    def keep(self, hash: str, pack: Path, should_stop: ShouldStop = never) -> None:
        """Bring a pack; it appears as a whole. What an upload that died has left goes. Raises PreparationStopped."""
        leave_mark(self.storage, self.installation_id)
        self.sweep()
        size = pack.stat().st_size
        record = {"installation_id": self.installation_id, "bytes": size}
        self.storage.place(f"{FOLDER}/{hash}{RECORD}", json.dumps(record).encode("ascii"))
        with StoppableFile(pack, should_stop) as file:
            self.storage.place(pack_of(hash), file)
        if not self.is_whole(hash):
            self.storage.remove(pack_of(hash))
            raise TransferFailed(
                f"The packed environment {hash} has not arrived whole: {size:,} bytes were sent.",
                "Prepare it again; if that does not help, look at the quota of the target's storage.",
            )

    def remove(self, hash: str) -> None:
        """Remove a pack, whole or not, unless another installation has brought it. The record goes last: what is left
        of a removal that breaks off is known as ours."""
        claim = self.claim_on(hash)
        if is_marked(self.storage, self.installation_id) and (claim is None or self.is_ours(claim)):
            self.storage.remove(pack_of(hash))
            self.storage.remove(f"{FOLDER}/{hash}{RECORD}")

    def sweep(self) -> None:
        """Remove what uploads have left that cannot go on any more."""
        old = time.time() - LONGEST_UPLOAD_SECONDS
        for name, facts in self.storage.listing(FOLDER, with_temporary=True).items():
            if name.startswith(".") and name.endswith(TEMPORARY) and facts.since < old:
                self.storage.remove(f"{FOLDER}/{name}")

    def ours(self) -> Mapping[str, Listed]:
        """Return the environments of this installation, whole or not, with the bytes that are there."""
        found = self.storage.listing(FOLDER)
        hashes = [name.removesuffix(RECORD) for name in found if name.endswith(RECORD)]
        claims = {hash: self.claim_on(hash) for hash in hashes if HASH.fullmatch(hash)}
        return {
            hash: found.get(f"{hash}{PACK}", Listed(found[f"{hash}{RECORD}"].since, 0, is_folder=False))
            for hash, claim in claims.items()
            if claim is not None and self.is_ours(claim)
        }

    def is_ours(self, claim: Claim) -> bool:
        """Whether this installation has brought a pack."""
        return claim.installation_id == self.installation_id

    def claim_on(self, hash: str) -> Claim | None:
        """Return what the record of an environment says; None where there is none, or none of ours to read."""
        pack_of(hash)
        try:
            said = json.loads(self.storage.read(f"{FOLDER}/{hash}{RECORD}", 0, LONGEST_RECORD_BYTES) or b"null")
            return Claim(str(said["installation_id"]), int(said["bytes"]))
        except (ValueError, LookupError, TypeError, RecursionError):
            return None


class StoppableFile(io.FileIO):
    """A file whose reader is asked again and again whether it is to stop. Reading raises PreparationStopped."""

    def __init__(self, path: Path, should_stop: ShouldStop) -> None:
        super().__init__(path)
        self.should_stop = should_stop

    def read(self, size: int | None = -1, /) -> bytes:
        """Return what is next."""
        ask(self.should_stop)
        return super().read(size)
