"""The finished log's size and checksum."""

import os
import zlib

CHECKSUM_LIMIT_BYTES = 1024**3


def measure_log(descriptor: int) -> "tuple[int, int | None]":
    """Return the log's size and crc32; no checksum beyond 1 GiB, where it would delay the end by more than a second."""
    size = os.fstat(descriptor).st_size
    if size > CHECKSUM_LIMIT_BYTES:
        return size, None
    checksum, offset = 0, 0
    while offset < size:
        data = os.pread(descriptor, min(1 << 20, size - offset), offset)
        if not data:
            break
        checksum = zlib.crc32(data, checksum)
        offset += len(data)
    return offset, checksum
