"""Copying a growing file from a target to the server by byte offset.

Bytes are written at the source's own offset, so a copier that was frozen and thaws doubles nothing. A sidecar keeps
the offset and the checksum of the raw bytes; what lies beyond its offset is copied again, to the same place.
"""

import json
import os
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

from computes.contract import Executor, RunAddress, Stream
from computes.errors import TargetUnreachable
from runs.line_index import forget_lines
from runs.masking import Masker

CHUNK_BYTES = 1024 * 1024
SMALLEST_CHUNK_BYTES = 16 * 1024


@dataclass(slots=True)
class CopyState:
    """How far a copy is: bytes of the source, and the crc32 of those raw bytes."""

    offset: int = 0
    crc32: int = 0


def sidecar_of(copy: Path) -> Path:
    """Return where the state of a copy is kept."""
    return copy.with_name(f".{copy.name}.copy")


def read_state(copy: Path) -> CopyState:
    """Return how far a copy is. A missing or broken sidecar means: from the beginning."""
    try:
        stored = json.loads(sidecar_of(copy).read_text())
        return CopyState(offset=int(stored["offset"]), crc32=int(stored["crc32"]))
    except (OSError, ValueError, KeyError, TypeError):
        return CopyState()


def write_state(copy: Path, state: CopyState) -> None:
    """Keep how far a copy is, all or nothing."""
    aside = copy.with_name(f".{copy.name}.copy.{os.getpid()}")
    aside.write_text(json.dumps(asdict(state)))
    aside.replace(sidecar_of(copy))


class StreamCopy:
    """The copy of one stream of one run."""

    def __init__(self, executor: Executor, address: RunAddress, stream: Stream, into: Path, masker: Masker) -> None:
        self.executor = executor
        self.address = address
        self.stream = stream
        self.into = into
        self.masker = masker
        self.state = read_state(into)
        self.chunk_bytes = CHUNK_BYTES

    def advance(self, available: int, *, is_final: bool, most_bytes: int = 64 * CHUNK_BYTES) -> bool:
        """Copy what is there, up to `available` bytes of the source and at most `most_bytes` at a time.

        `is_final` says that nothing will follow, so that an end that looks like the beginning of a secret is written
        too. Returns True when the source had shrunk and the copy was begun anew.
        """
        if available in (0, self.state.offset):  # what the script has emptied or removed is kept until more follows
            return False
        restarted = available < self.state.offset
        if restarted:
            self.state = CopyState()
        self.into.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.into, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            if restarted:
                os.ftruncate(descriptor, 0)
                forget_lines(self.into)
            target = min(available, self.state.offset + most_bytes)
            while self.state.offset < target and self.copy_chunk(descriptor, is_final, available):
                continue
        finally:
            os.close(descriptor)
            write_state(self.into, self.state)
        return restarted

    def copy_chunk(self, descriptor: int, is_final: bool, available: int) -> bool:
        """Copy one chunk; False when nothing more can be written now."""
        seen = min(self.masker.look_back, self.state.offset)
        limit = seen + min(self.chunk_bytes, available - self.state.offset)
        data = self.read(self.state.offset - seen, limit)
        at_end = is_final and self.state.offset - seen + len(data) >= available
        settled = (len(data) if at_end else self.masker.settled(data)) - seen
        if settled <= 0:
            return False
        written = memoryview(self.masker.mask(data))[seen : seen + settled]
        at = self.state.offset
        while written:
            count = os.pwrite(descriptor, written, at)
            written, at = written[count:], at + count
        self.state.crc32 = zlib.crc32(data[seen : seen + settled], self.state.crc32)
        self.state.offset += settled
        return True

    def read(self, offset: int, limit: int) -> bytes:
        """Read on the target. On a way that breaks off often less is asked for at once, so that something arrives."""
        try:
            data = self.executor.read(self.address, self.stream, offset, limit)
        except TargetUnreachable:
            self.chunk_bytes = max(SMALLEST_CHUNK_BYTES, self.chunk_bytes // 2)
            raise
        self.chunk_bytes = min(CHUNK_BYTES, self.chunk_bytes * 2)
        return data
