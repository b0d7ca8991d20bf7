"""One run in the shared storage: its folder, its tombstone, and the mark that says whose storage this is."""

import json
import re
from dataclasses import dataclass
from typing import Any

from computes.contract import RunAddress
from computes.shared_storage.contract import SharedStorage
from computes.shared_storage.mark import is_marked, leave_mark, require_mark
from computes.spark_driver.layout import EXIT

HEXADECIMAL = re.compile(r"[0-9a-f]{1,64}")
LONGEST_RECORD_BYTES = 1024**2


@dataclass(frozen=True, slots=True)
class SharedRun:
    """A run and the storage that it lives in. `uri` is the storage as drivers see it."""

    storage: SharedStorage
    address: RunAddress
    uri: str

    @property
    def name(self) -> str:
        """The run's name: installation and run id."""
        if not (HEXADECIMAL.fullmatch(self.address.installation_id) and HEXADECIMAL.fullmatch(self.address.run_id)):
            raise ValueError("installation and run ids are lowercase hexadecimal")
        return f"{self.address.installation_id}-{self.address.run_id}"

    @property
    def folder(self) -> str:
        """The run's folder in the storage."""
        return f"runs/{self.name}"

    def uri_of(self, name: str) -> str:
        """Return the URI of something in the storage."""
        return f"{self.uri.rstrip('/')}/{name}"

    def names(self) -> frozenset[str]:
        """Return what is in the run's folder."""
        return self.storage.names(self.folder)

    def read(self, name: str, limit: int = LONGEST_RECORD_BYTES) -> bytes | None:
        """Return a small file of the run's folder."""
        return self.storage.read(f"{self.folder}/{name}", 0, limit)

    def record(self, name: str) -> dict[str, Any] | None:
        """Return the object in a file of the run's folder; None when there is none or it is damaged."""
        try:
            found = json.loads(self.read(name) or b"null")
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def claim(self, name: str, value: Any) -> bool:
        """Write a record once; False when it was there."""
        return self.storage.claim(f"{self.folder}/{name}", json.dumps(value).encode("ascii"))

    def open(self) -> None:
        """Leave our mark in the storage where it is missing."""
        leave_mark(self.storage, self.address.installation_id)

    def is_marked(self) -> bool:
        """Whether this is the storage that we have worked in, and not the empty place of an unmounted disk."""
        return is_marked(self.storage, self.address.installation_id)

    def require_mark(self) -> None:
        """Raise TargetUnreachable unless our mark is there."""
        require_mark(self.storage, self.address.installation_id)

    def bury(self, why: str) -> None:
        """Leave the tombstone that forbids every later start of this run, here and in any driver."""
        self.storage.claim(f"ended/{self.name}", why.encode())

    def is_buried(self) -> bool:
        """Whether a tombstone forbids the start."""
        return self.storage.read(f"ended/{self.name}", 0, 1) is not None

    def has_exit(self, names: frozenset[str]) -> bool:
        """Whether the driver has recorded how the script ended."""
        return EXIT in names
