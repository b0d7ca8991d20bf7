"""How far the streams of a run have come, on disk: a follower that takes over from one that was killed doubles nothing.

Before bytes are added to a file, it is noted how large the file is and what is to be added. What of that has arrived
can then be told from the file alone, whenever the one who adds it was killed.
"""

import hashlib
import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Tuple

NAME = "arrivals.json"


class Journal:
    """The notes of one run, by streams."""

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(folder, NAME)
        self.entries: "Dict[str, Dict[str, Any]]" = {}

    def read(self) -> None:
        """Read what an earlier follower has noted. Raises OSError or ValueError where that cannot be read."""
        try:
            with open(self.path, "rb") as file:
                self.entries = dict(json.loads(file.read().decode("ascii")))
        except FileNotFoundError:
            self.entries = {}

    def note(
        self, stream: str, file: str, before: "Tuple[int, bytes]", after: "Tuple[int, bytes]", added: bytes
    ) -> None:
        """Note that bytes are about to be added to a file. `before` and `after` are the position in the stream and the
        line that is begun, as they are now and when all has arrived. Raises OSError."""
        self.entries[stream] = {
            "before": [before[0], before[1].decode("latin-1")],
            "after": [after[0], after[1].decode("latin-1")],
            "size": size_of(file),
            "length": len(added),
            "sha256": hashlib.sha256(added).hexdigest(),
        }
        temporary = "%s.tmp" % self.path
        with open(temporary, "wb") as out:
            out.write(json.dumps(self.entries).encode("ascii"))
        os.replace(temporary, self.path)

    def arrived(self, stream: str, file: str, is_shared: bool) -> "Tuple[int, bytes]":
        """Return position and begun line of a stream by its file. A file that others add to (`is_shared`) holds all of
        what was to be added or nothing. Raises OSError."""
        entry = self.entries.get(stream)
        if entry is None:
            return 0, b""
        before, after = entry["before"], entry["after"]
        tail = b""
        if os.path.exists(file):
            with open(file, "rb") as data:
                data.seek(entry["size"])
                tail = data.read()
        if is_shared:
            found = after if holds(tail, entry["length"], entry["sha256"]) else before
            return int(found[0]), str(found[1]).encode("latin-1")
        return int(before[0]) + min(len(tail), int(entry["length"])), b""


def holds(tail: bytes, length: int, sha256: str) -> bool:
    """Whether lines of a length and checksum are among others."""
    start = 0
    while start + length <= len(tail):
        if hashlib.sha256(tail[start : start + length]).hexdigest() == sha256:
            return True
        start = tail.find(b"\n", start) + 1
        if not start:
            return False
    return False


def size_of(path: str) -> int:
    """Return the size of a file, 0 where there is none."""
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0
