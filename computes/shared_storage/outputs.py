"""Bringing outputs back from the shared storage: what the driver's index names, each by size and checksum."""

import hashlib
import json
from pathlib import Path
from typing import Any

from computes.contract import Collected
from computes.errors import CollectionFailed, TargetError
from computes.executors.answers import LARGEST
from computes.executors.plain_text import plain
from computes.machines.collection import temporary_beside
from computes.machines.contract import CollectionLimits
from computes.shared_storage.shared_run import SharedRun
from computes.spark_driver.layout import OUTPUTS
from computes.supervisor.outputs import LONGEST_PATH_BYTES

MOST_INDEX_BYTES = 64 * 1024**2
PIECE_BYTES = 1 << 20
UNSAFE = "its name leads out of the outputs"


def collect(run: SharedRun, into: Path, limits: CollectionLimits) -> list[Collected]:
    """Copy what the index names; without one nothing. Raises CollectionFailed where a file is not what it says."""
    data = run.read(OUTPUTS, MOST_INDEX_BYTES)
    if data is None:
        return []
    try:
        entries = [entry_of(found) for found in json.loads(data)]
        carried = [entry.path for entry, _ in entries if not entry.skipped]
        if len(entries) > limits.files + 1 or len(set(carried)) < len(carried):
            raise ValueError("no driver lists so much, or the same twice")
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise CollectionFailed(
            "The list of outputs in the shared storage is damaged.", "Look at the storage, then run again."
        ) from error
    total = 0
    found: list[Collected] = []
    for entry, name in entries:
        reason = entry.skipped or reason_against(entry, len(found), total + entry.size, limits)
        if reason:
            found.append(Collected(shown(entry.path), entry.size, "", plain(reason)))
        else:
            total += entry.size
            copy(run, entry, name, into)
            found.append(entry)
    return found


def shown(path: str) -> str:
    """Return the path of what is left as a text that can be stored and shown anywhere."""
    return "/".join(plain(part) for part in path[:LONGEST_PATH_BYTES].split("/"))


def entry_of(found: dict[str, Any]) -> tuple[Collected, str]:
    """Return an entry of the index and the name that its content has in the run's folder."""
    name = str(found.get("file", ""))
    if name and (not name.startswith("outputs/") or not name.removeprefix("outputs/").isdigit()):
        raise ValueError("no number")
    size = int(found["size"])
    if not 0 <= size < LARGEST:
        raise ValueError("no size")
    return Collected(str(found["path"]), size, str(found["sha256"]), str(found["skipped"])), name


def reason_against(entry: Collected, count: int, total: int, limits: CollectionLimits) -> str:
    """Return why an entry is not copied. The driver has the same limits; but the index may come from elsewhere."""
    parts = entry.path.split("/")
    if any(part in ("", ".", "..") for part in parts) or not entry.path.isprintable():
        return UNSAFE
    if len(entry.path.encode()) > LONGEST_PATH_BYTES:
        return f"its path is longer than {LONGEST_PATH_BYTES} bytes"
    if count >= limits.files or entry.size > limits.file_bytes or total > limits.total_bytes:
        return "it is too much with it"
    return ""


def copy(run: SharedRun, entry: Collected, name: str, into: Path) -> None:
    """Copy one file under a temporary name until it is whole and verified."""
    destination = into / entry.path
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_beside(destination)
        try:
            with temporary.open("xb") as file:
                run.storage.fetch(f"{run.folder}/{name}", file, entry.size + 1)
            digest = hashlib.sha256()
            with temporary.open("rb") as file:
                while data := file.read(PIECE_BYTES):
                    digest.update(data)
            if temporary.stat().st_size != entry.size or digest.hexdigest() != entry.sha256:
                raise CollectionFailed(
                    f"The output {entry.path[:200]!r} in the shared storage is not what the script has written.",
                    "It is fetched again; if that does not help, look at the storage.",
                )
            temporary.replace(destination)
        finally:
            temporary.unlink(missing_ok=True)
    except TargetError:
        raise
    except OSError as error:
        raise CollectionFailed(
            f"The outputs could not be copied: {error}.",
            "Free disk space in the server's data folder; the outputs stay in the storage and are fetched again.",
        ) from error
