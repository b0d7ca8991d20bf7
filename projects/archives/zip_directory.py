"""Reads the central directory of a `.zip` itself, entry by entry, so that nothing is believed before it is counted.

The layout is that of PKWARE's APPNOTE 6.3, with ZIP64. Python's zipfile cuts names at NUL, allows overlapping entries
in the versions that we support, and reads all entries before one can count them.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from projects.archives.refusals import PACK_AGAIN, entry_refusal, refusal

_END = struct.Struct("<4sHHHHIIH")
_END64_LOCATOR = struct.Struct("<4sIQI")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_ENTRY = struct.Struct("<4sBBHHHHHIIIHHHHHII")
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_ENCRYPTED, _UTF8, _MASKED = 0x1, 0x800, 0x2000


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One entry as the central directory has it. Sizes and offsets in bytes; `mode` is 0 when none was noted."""

    name: str
    method: int
    crc: int
    packed_size: int
    size: int
    offset: int
    mode: int

    @property
    def is_folder(self) -> bool:
        """True for a name that ends with a slash, which is how folders are written."""
        return self.name.endswith("/")


def read_directory(file: IO[bytes], most: int) -> list[ZipEntry]:
    """Return the entries of an archive, at most `most`. Raises SourceRefused."""
    length = file.seek(0, os.SEEK_END)
    count, size, offset, end = _find_end(file, length)
    if count > most:
        raise refusal(
            f"The archive has {count:,} entries; at most {most:,} are read.", "Leave out what a run does not need."
        )
    if offset + size != end:
        raise refusal("Something stands in the archive before or between its entries (is it a self-extracting one?).")
    file.seek(offset)
    entries = list(_entries(file, count))
    if file.tell() != end:
        raise refusal("The archive's list of entries has another length than it says.")
    _refuse_overlaps(file, entries, offset)
    return entries


def data_offset(file: IO[bytes], entry: ZipEntry) -> int:
    """Return where the packed bytes of an entry begin. Raises SourceRefused."""
    file.seek(entry.offset)
    header = _unpacked(_LOCAL, file, b"PK\x03\x04")
    return entry.offset + _LOCAL.size + int(header[9]) + int(header[10])


def _find_end(file: IO[bytes], length: int) -> tuple[int, int, int, int]:
    """Return the number of entries, and size, offset and end of their list."""
    file.seek(max(0, length - _END.size - 65_535))
    tail = file.read()
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < _END.size:
        raise refusal("The archive is cut off, or it is no .zip.")
    position = length - len(tail) + place
    _, disk, start_disk, here, count, size, offset, comment = _END.unpack_from(tail, place)
    if len(tail) - place != _END.size + comment or disk or start_disk or here != count:
        raise refusal("The end of the archive is damaged, or the archive is one of several parts.")
    if 0xFFFF not in (here, count) and 0xFFFFFFFF not in (size, offset):
        return count, size, offset, position
    if position < _END64_LOCATOR.size:
        raise refusal("The archive is cut off.")
    file.seek(position - _END64_LOCATOR.size)
    end64 = int(_unpacked(_END64_LOCATOR, file, b"PK\x06\x07")[2])
    if end64 + _END64.size != position - _END64_LOCATOR.size:
        raise refusal("The end of the archive is damaged.")
    file.seek(end64)
    record = _unpacked(_END64, file, b"PK\x06\x06")
    return int(record[7]), int(record[8]), int(record[9]), end64


def _entries(file: IO[bytes], count: int) -> Iterator[ZipEntry]:
    for _ in range(count):
        header = _unpacked(_ENTRY, file, b"PK\x01\x02")
        flags, method, crc = int(header[4]), int(header[5]), int(header[8])
        packed_size, size, name_length, extra_length, comment_length = (int(part) for part in header[9:14])
        raw, extra = file.read(name_length), file.read(extra_length)
        file.seek(comment_length, os.SEEK_CUR)
        name = _name(raw, flags)
        if flags & (_ENCRYPTED | _MASKED):
            raise entry_refusal(name, "is encrypted", "Pack the folder again without a password.")
        mode, offset = int(header[16]) >> 16, int(header[17])
        size, packed_size, offset = _zip64(name, extra, size, packed_size, offset)
        yield ZipEntry(name, method, crc, packed_size, size, offset, mode)


def _name(raw: bytes, flags: int) -> str:
    """Decode a name. Unflagged names are tried as UTF-8 first, as most packers write them, then as cp437."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        if flags & _UTF8:
            raise entry_refusal(raw.decode("utf-8", "replace"), "has a name that is not UTF-8") from error
        return raw.decode("cp437")


def _zip64(name: str, extra: bytes, size: int, packed_size: int, offset: int) -> tuple[int, int, int]:
    wanted = [value == 0xFFFFFFFF for value in (size, packed_size, offset)]
    if not any(wanted):
        return size, packed_size, offset
    values = [size, packed_size, offset]
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == 1 and length >= 8 * sum(wanted) and len(extra) >= 4 + length:
            large = iter(struct.unpack_from(f"<{sum(wanted)}Q", extra, 4))
            values = [next(large) if missing else value for value, missing in zip(values, wanted, strict=True)]
            return values[0], values[1], values[2]
        extra = extra[4 + length :]
    raise entry_refusal(name, "does not say how large it is", PACK_AGAIN)


def _refuse_overlaps(file: IO[bytes], entries: list[ZipEntry], end: int) -> None:
    """Refuse entries that share bytes with another one or with the list: that is how small archives unpack huge."""
    covered = 0
    for entry in sorted(entries, key=lambda each: each.offset):
        if entry.offset < covered:
            raise entry_refusal(entry.name, "overlaps another entry")
        covered = data_offset(file, entry) + entry.packed_size
        if covered > end:
            raise entry_refusal(entry.name, "reaches beyond the end of the archive")


def _unpacked(layout: struct.Struct, file: IO[bytes], signature: bytes) -> tuple[int | bytes, ...]:
    raw = file.read(layout.size)
    if len(raw) != layout.size or not raw.startswith(signature):
        raise refusal("The archive is damaged or cut off.")
    return layout.unpack(raw)
