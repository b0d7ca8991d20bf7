"""Bringing what the driver has carried to the storage into the run's own log, system log and metrics."""

import os

from .journal import Journal
from .names import LOG, METRICS, PARTS_FOLDER, SYSTEM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List

    from .names import Part
    from .storage import Storage

FILES = {LOG: "log", SYSTEM: "system.log", METRICS: "metrics.jsonl"}
MOST_BYTES_AT_ONCE = 64 * 1024**2
MOST_PARTS_AT_ONCE = 400
NOWHERE = 1 << 62


class Arrivals:
    """The streams of one run. Each part comes once, in its order; what is in the run folder is not asked for again."""

    def __init__(self, folder: str, scratch: str, storage: "Storage", may_remove: bool) -> None:
        self.folder = folder
        self.journal = Journal(scratch)
        self.storage = storage
        self.may_remove = may_remove
        self.positions = dict.fromkeys(FILES, 0)
        self.begun_line = b""

    def take_up(self) -> None:
        """Go on where an earlier follower was killed. Raises OSError where that cannot be told: no more comes then,
        so that nothing comes twice."""
        try:
            self.journal.read()
            found = {stream: self.journal.arrived(stream, self.path_of(stream), stream == SYSTEM) for stream in FILES}
            for stream in self.journal.entries:
                self.journal.note(stream, self.path_of(stream), found[stream], found[stream], b"")
        except (OSError, ValueError, LookupError, TypeError) as error:
            self.positions = dict.fromkeys(FILES, NOWHERE)
            self.may_remove = False
            raise OSError("where the streams were broken off cannot be told: %s" % error) from error
        self.positions = {stream: position for stream, (position, _) in found.items()}
        self.begun_line = found[SYSTEM][1]

    def path_of(self, stream: str) -> str:
        """Return the file that a stream comes into."""
        return os.path.join(self.folder, FILES[stream])

    def next_of(self, parts: "list[Part]") -> "list[Part]":
        """Return the parts that follow what has come, without a gap, as many as one command should bring."""
        ends = dict(self.positions)
        wanted: "List[Part]" = []
        size = 0
        for part in parts:
            end = part.offset + part.length
            if part.offset <= ends[part.stream] < end and len(wanted) < MOST_PARTS_AT_ONCE:
                size += part.length
                if wanted and size > MOST_BYTES_AT_ONCE:
                    break
                ends[part.stream] = end
                wanted.append(part)
        return wanted

    def take(self, parts: "list[Part]") -> bool:
        """Bring what is next; return whether anything was. Raises OSError, after which it can be done again."""
        wanted = self.next_of(parts)
        if not wanted:
            return False
        data = self.storage.read([part.name for part in wanted])
        if len(data) != sum(part.length for part in wanted):
            raise OSError("the storage gave %d bytes of %d parts, which is not their size" % (len(data), len(wanted)))
        start = 0
        for part in wanted:
            self.deliver(part, data[start : start + part.length])
            start += part.length
        return True

    def deliver(self, part: "Part", data: bytes) -> None:
        """Add a part to its file. System logs are added in whole lines: the supervisor writes to the same file."""
        position, end = self.positions[part.stream], part.offset + part.length
        lines, begun, rest = data[position - part.offset :], b"", b""
        if part.stream == SYSTEM:
            begun = self.begun_line
            whole = (begun + lines).rfind(b"\n") + 1
            lines, rest = (begun + lines)[:whole], (begun + lines)[whole:]
        path = self.path_of(part.stream)
        self.journal.note(part.stream, path, (position, begun), (end, rest), lines)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with open(descriptor, "ab") as file:
            file.write(lines)
        self.positions[part.stream] = end
        if part.stream == SYSTEM:
            self.begun_line = rest

    def remove_read(self, parts: "list[Part]") -> None:
        """Remove what has come and is followed by more, a bucket at a time, so that looks stay short. A driver that may
        begin again counts what is there, so then it stays. Raises OSError."""
        buckets = sorted({part.name.split("/")[1] for part in parts})
        unread = {part.name.split("/")[1] for part in parts if part.offset + part.length > self.positions[part.stream]}
        if self.may_remove:
            for bucket in buckets[:-1]:
                if bucket not in unread:
                    self.storage.remove("%s/%s" % (PARTS_FOLDER, bucket))
