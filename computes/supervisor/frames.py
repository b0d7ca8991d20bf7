"""What goes over a channel between server and target: frames of a JSON object and raw bytes.

A frame is the length of the object (4 bytes), the length of the bytes (8 bytes), both big-endian, the object as ASCII
JSON, the bytes. Text that stands for bytes that are not UTF-8 keeps its lone surrogates.
"""

import json
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

LENGTHS = struct.Struct(">IQ")
LONGEST_HEADER_BYTES = 64 * 1024**2
LONGEST_DATA_BYTES = 64 * 1024**2
CHUNK_BYTES = 256 * 1024


class BrokenFrame(ValueError):
    """What came is not a frame of ours, or it broke off."""


def packed(header: "dict[str, Any]", data: bytes = b"") -> bytes:
    """Return a frame."""
    text = json.dumps(header).encode("ascii")
    return LENGTHS.pack(len(text), len(data)) + text + data


def lengths_in(prefix: bytes) -> "tuple[int, int]":
    """Return how long the object and the bytes of a frame are. Raises BrokenFrame for lengths that we never send."""
    header, data = LENGTHS.unpack(prefix)
    if header > LONGEST_HEADER_BYTES or data > LONGEST_DATA_BYTES:
        raise BrokenFrame("a frame of %d and %d bytes" % (header, data))
    return header, data


def header_in(text: bytes) -> "dict[str, Any]":
    """Return the object of a frame. Raises BrokenFrame."""
    try:
        found = json.loads(text.decode("ascii"))
    except ValueError as error:
        raise BrokenFrame("a header that is no JSON") from error
    if not isinstance(found, dict):
        raise BrokenFrame("a header that is no object")
    return found


class Frames:
    """The target's end of a channel."""

    def __init__(self, source: "IO[bytes]", sink: "IO[bytes]") -> None:
        self.source = source
        self.sink = sink

    def receive(self) -> "tuple[dict[str, Any], bytes] | None":
        """Return the next frame, None when the server has closed the channel. Raises BrokenFrame."""
        prefix = self.source.read(LENGTHS.size)
        if not prefix:
            return None
        header, data = lengths_in(self.whole(prefix, LENGTHS.size))
        text = self.whole(self.source.read(header), header)
        return header_in(text), self.whole(self.source.read(data), data)

    def send(self, header: "dict[str, Any]", data: bytes = b"") -> None:
        """Send a frame."""
        self.sink.write(packed(header, data))
        self.sink.flush()

    def whole(self, found: bytes, length: int) -> bytes:
        """Return what was read when it is all of it."""
        if len(found) != length:
            raise BrokenFrame("the channel broke off")
        return found
