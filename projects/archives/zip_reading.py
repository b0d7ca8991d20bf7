"""Unpacks the entries of a `.zip`: stored or deflated, each held against the size and checksum that it promises."""

import stat
import zlib
from collections.abc import Iterator
from typing import IO

from projects.archives.fresh_tree import FreshTree
from projects.archives.refusals import entry_refusal
from projects.archives.zip_directory import ZipEntry, data_offset, read_directory

CHUNK_BYTES = 256 * 1024
_STORED, _DEFLATED = 0, 8


def unpack_zip(file: IO[bytes], tree: FreshTree, most_entries: int) -> None:
    """Write all entries. Raises SourceRefused."""
    for entry in read_directory(file, most_entries):
        kind = stat.S_IFMT(entry.mode)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            what = "is a link" if kind == stat.S_IFLNK else "is neither a file nor a folder"
            raise entry_refusal(entry.name, what, "Put a copy of the file in its place and pack the folder again.")
        if entry.is_folder or kind == stat.S_IFDIR:
            tree.add_folder(entry.name)
            continue
        tree.add_file(entry.name, bool(entry.mode & 0o100), _checked(entry, _unpacked(file, entry)))


def _checked(entry: ZipEntry, chunks: Iterator[bytes]) -> Iterator[bytes]:
    crc = size = 0
    for chunk in chunks:
        crc = zlib.crc32(chunk, crc)
        size += len(chunk)
        if size > entry.size:
            raise entry_refusal(entry.name, "is larger than the archive says")
        yield chunk
    if size != entry.size or crc != entry.crc:
        raise entry_refusal(entry.name, "is damaged: size or checksum differ")


def _unpacked(file: IO[bytes], entry: ZipEntry) -> Iterator[bytes]:
    file.seek(data_offset(file, entry))
    packed = _packed(file, entry)
    if entry.method == _STORED:
        yield from packed
    elif entry.method == _DEFLATED:
        yield from _inflated(entry, packed)
    else:
        raise entry_refusal(entry.name, "is packed in a way that is not read", "Pack it as an ordinary .zip (deflate).")


def _inflated(entry: ZipEntry, packed: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for chunk in packed:
            while chunk and not unpacker.eof:
                if piece := unpacker.decompress(chunk, CHUNK_BYTES):
                    yield piece
                chunk = unpacker.unconsumed_tail
        while not unpacker.eof and (piece := unpacker.decompress(b"", CHUNK_BYTES)):
            yield piece
    except zlib.error as error:
        raise entry_refusal(entry.name, "is damaged") from error


def _packed(file: IO[bytes], entry: ZipEntry) -> Iterator[bytes]:
    left = entry.packed_size
    while left:
        chunk = file.read(min(left, CHUNK_BYTES))
        if not chunk:
            raise entry_refusal(entry.name, "is cut off")
        left -= len(chunk)
        yield chunk
