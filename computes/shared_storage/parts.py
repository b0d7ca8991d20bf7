"""What a driver has carried so far: the parts of each stream, by their names, and bytes out of them."""

from bisect import bisect_right
from dataclasses import dataclass, field
from threading import Lock

from computes.shared_storage.contract import SharedStorage
from computes.spark_driver.layout import FILES, part_in


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a stream."""

    offset: int
    length: int
    name: str


@dataclass
class PartsIndex:
    """The parts of one run, as far as each stream is without a gap. A bucket that has a successor is listed once more,
    then never again."""

    storage: SharedStorage
    folder: str
    lock: Lock = field(default_factory=Lock)
    known: dict[str, list[Part]] = field(default_factory=lambda: {stream: [] for stream in FILES})
    waiting: dict[tuple[str, int], Part] = field(default_factory=dict)
    done_before: str = ""

    def refresh(self) -> None:
        """Look for new parts. Raises TargetError."""
        buckets = sorted(self.storage.names(f"{self.folder}/parts"))
        listed = {
            name: self.storage.names(f"{self.folder}/parts/{name}") for name in buckets if name >= self.done_before
        }
        with self.lock:
            for bucket, names in listed.items():
                for name in names:
                    if found := part_in(name):
                        stream, offset, length = found
                        part = Part(offset, length, f"{self.folder}/parts/{bucket}/{name}")
                        self.waiting[stream, offset] = part
            if buckets:
                self.done_before = buckets[-1]
            self.join()

    def join(self) -> None:
        """Append what follows without a gap to what is known, and forget what is known already."""
        starts = {stream: parts[0].offset if parts else None for stream, parts in self.known.items()}
        for stream, parts in self.known.items():
            if starts[stream] is None:
                first = min((offset for name, offset in self.waiting if name == stream), default=None)
                if first is None:
                    continue
                parts.append(self.waiting[stream, first])
            while following := self.waiting.get((stream, parts[-1].offset + parts[-1].length)):
                parts.append(following)
        kept = {(stream, part.offset) for stream, parts in self.known.items() for part in parts}
        self.waiting = {key: part for key, part in self.waiting.items() if key not in kept}

    def end_of(self, stream: str) -> int:
        """Return up to which byte a stream is there; 0 for none."""
        parts = self.known[stream]
        return parts[-1].offset + parts[-1].length if parts else 0

    def read(self, stream: str, offset: int, limit: int) -> bytes:
        """Return at most `limit` bytes of a stream from an offset; empty at its end."""
        with self.lock:
            parts = list(self.known[stream])
        position = bisect_right(parts, offset, key=lambda part: part.offset) - 1
        found = bytearray()
        for part in parts[max(position, 0) :]:
            inside = offset + len(found) - part.offset
            if len(found) >= limit or not 0 <= inside < part.length:
                break
            data = self.storage.read(part.name, inside, min(limit - len(found), part.length - inside))
            if not data:
                break
            found += data
        return bytes(found)
