"""Carrying the script's outputs to the shared storage: each file under a number, its name only in the index.

Names that HDFS does not know (with a colon, for example) so come back as they are.
"""

import hashlib
import json
import os

from ..supervisor.outputs import Outputs
from .layout import OUTPUTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Tuple

    from ..supervisor.outputs import Found
    from .storage import Storage

PIECE_BYTES = 1 << 20


def send_outputs(
    storage: "Storage", folder: str, top: str, scratch: str, limits: "Dict[str, int]", beat: "Callable[[], None]"
) -> None:
    """Send what is below a folder, then the index with sizes and checksums. Raises OSError."""
    walk = Outputs(limits["files"], limits["file_bytes"], limits["total_bytes"])
    index: "List[Dict[str, Any]]" = []
    for found in walk.found_in(top):
        entry: "Dict[str, Any]" = {"path": found.path, "size": found.size, "sha256": "", "skipped": found.reason}
        if not found.reason:
            entry["file"] = "outputs/%06d" % len(index)
            local = os.path.join(scratch, "output")
            entry["size"], entry["sha256"] = copy(found, local)
            storage.make_folder("%s/outputs" % folder)
            storage.place(local, "%s/%s" % (folder, entry["file"]))
        index.append(entry)
        beat()
    local = os.path.join(scratch, "index")
    with open(local, "wb") as file:
        file.write(json.dumps(index).encode("ascii"))
    storage.place(local, "%s/%s" % (folder, OUTPUTS))


def copy(found: "Found", local: str) -> "Tuple[int, str]":
    """Copy an open file as it is now and return its size and sha256."""
    digest, left = hashlib.sha256(), found.size
    with open(found.descriptor, "rb", buffering=0) as source, open(local, "wb") as target:
        while left:
            data = source.read(min(PIECE_BYTES, left))
            if not data:
                break
            digest.update(data)
            target.write(data)
            left -= len(data)
    return found.size - left, digest.hexdigest()
