"""Removing from a storage that a cluster shares with us what no run needs any more: tombstones and driver programs."""

import re
import time

from computes.shared_storage.contract import SharedStorage
from computes.shared_storage.mark import is_marked
from computes.shared_storage.program_file import FOLDER, FORGOTTEN_SECONDS, program_file
from computes.supervisor.removal import TOMBSTONE_SECONDS

HASH = re.compile(r"[0-9a-f]{16}")


def sweep_storage(storage: SharedStorage, installation_id: str) -> int:
    """Remove an installation's tombstones after 30 days, and driver programs that no version of amlweb has used for
    60 days; return the bytes that are free now. Nothing where our mark is not there. Raises TargetError."""
    if not is_marked(storage, installation_id):
        return 0
    now = time.time()
    return sweep_tombstones(storage, installation_id, now) + sweep_programs(storage, now)


def sweep_tombstones(storage: SharedStorage, installation_id: str, now: float) -> int:
    """Remove old tombstones of an installation whose runs have no folder any more; return their bytes."""
    ours = f"{installation_id}-"
    old = {
        name: facts
        for name, facts in storage.listing("ended").items()
        if name.startswith(ours) and not facts.is_folder and now - facts.since > TOMBSTONE_SECONDS
    }
    needed = storage.names("runs") if old else frozenset()
    gone = {name: facts for name, facts in old.items() if name not in needed}
    for name in gone:
        storage.remove(f"ended/{name}")
    return sum(facts.bytes for facts in gone.values())


def sweep_programs(storage: SharedStorage, now: float) -> int:
    """Remove driver programs of other versions that nobody has used for long; return their bytes."""
    current = program_file()[0]
    freed = 0
    for name in storage.names(FOLDER):
        folder = f"{FOLDER}/{name}"
        if HASH.fullmatch(name) and not current.startswith(f"{folder}/"):
            there = storage.listing(folder).values()
            if there and now - max(facts.since for facts in there) > FORGOTTEN_SECONDS:
                storage.remove(folder)
                freed += sum(facts.bytes for facts in there)
    return freed
