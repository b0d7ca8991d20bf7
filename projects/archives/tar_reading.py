"""Unpacks a `.tar` from a stream, header by header, so that neither a long name nor a sparse file costs memory.

Read are the ustar, GNU and pax forms; refused are links, devices, pipes and sparse files. Python's tarfile reads
extended headers of any size into memory and, in the versions that we support, has holes in its own safety filter.
"""

import tarfile
from collections.abc import Iterator
from typing import Protocol

from projects.archives.fresh_tree import FreshTree
from projects.archives.refusals import entry_refusal, refusal

CHUNK_BYTES = 256 * 1024
MAXIMUM_HEADER_BYTES = 64 * 1024
_BLOCK = tarfile.BLOCKSIZE
_ENCODING = ("utf-8", "surrogateescape")
_TAKEN_KEYS = (b"path", b"size", b"linkpath")
_SPARSE = "sparse"
_KINDS = {
    tarfile.SYMTYPE: "is a link",
    tarfile.LNKTYPE: "is a hard link",
    tarfile.CHRTYPE: "is a device",
    tarfile.BLKTYPE: "is a device",
    tarfile.FIFOTYPE: "is a pipe",
    tarfile.GNUTYPE_SPARSE: "is a sparse file",
}


class ByteStream(Protocol):
    """What can be read from front to back."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes, none at the end."""


def unpack_tar(stream: ByteStream, tree: FreshTree, most_headers: int) -> None:
    """Write all entries; reads up to the mark that ends the archive. Raises SourceRefused and OSError."""
    overriding: dict[str, str] = {}
    headers = 0
    while (header := _header(stream)) is not None:
        headers += 1
        if headers > most_headers:
            raise refusal(f"The archive has more than {most_headers:,} headers.", "Leave out what a run does not need.")
        if header.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
            overriding |= _pax(header, _small(stream, header))
        elif header.type == tarfile.XGLTYPE:
            _refuse_global_names(header, _pax(header, _small(stream, header)))
        elif header.type == tarfile.GNUTYPE_LONGNAME:
            overriding["path"] = _small(stream, header).rstrip(b"\0").decode(*_ENCODING)
        elif header.type == tarfile.GNUTYPE_LONGLINK:
            _small(stream, header)
        else:
            _write(stream, tree, header, overriding)
            overriding = {}


def _header(stream: ByteStream) -> tarfile.TarInfo | None:
    """Return the next header, None at the mark that ends the archive."""
    block = _exactly(stream, _BLOCK)
    if not any(block):
        return None
    try:
        return tarfile.TarInfo.frombuf(block, *_ENCODING)
    except tarfile.HeaderError as error:
        raise refusal("The archive is damaged, or it is no .tar.") from error


def _write(stream: ByteStream, tree: FreshTree, header: tarfile.TarInfo, overriding: dict[str, str]) -> None:
    name = overriding.get("path", header.name)
    size = _size(name, overriding["size"]) if "size" in overriding else header.size
    if header.type in _KINDS or _SPARSE in overriding:
        what = _KINDS.get(header.type, "is a sparse file")
        raise entry_refusal(name, what, "Put an ordinary file in its place and pack the folder again.")
    if header.type == tarfile.DIRTYPE:
        tree.add_folder(name)
        for _ in _content(stream, size):
            raise entry_refusal(name, "is a folder with content")
    elif header.type in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE):
        tree.add_file(name, bool(header.mode & 0o100), _content(stream, size))
    else:
        raise entry_refusal(name, "is of a kind that is not read")


def _content(stream: ByteStream, size: int) -> Iterator[bytes]:
    left = size
    while left:
        chunk = stream.read(min(left, CHUNK_BYTES))
        if not chunk:
            raise refusal("The archive is cut off.")
        left -= len(chunk)
        yield chunk
    _exactly(stream, -size % _BLOCK)


def _small(stream: ByteStream, header: tarfile.TarInfo) -> bytes:
    if not 0 <= header.size <= MAXIMUM_HEADER_BYTES:
        raise refusal(
            f"The archive has a name or note of {header.size:,} bytes.", "Shorten the names of files and folders."
        )
    return b"".join(_content(stream, header.size))


def _pax(header: tarfile.TarInfo, text: bytes) -> dict[str, str]:
    """Read pax records, `<length> <key>=<value>\\n` each."""
    records: dict[str, str] = {}
    while text.strip(b"\0"):
        length, blank, _ = text.partition(b" ")
        if not blank or not length.isdigit() or len(length) > 6 or not len(length) < int(length) <= len(text):
            raise refusal("An extended header of the archive is damaged.")
        record, text = text[len(length) + 1 : int(length)], text[int(length) :]
        key, equals, value = record.removesuffix(b"\n").partition(b"=")
        if not equals:
            raise refusal("An extended header of the archive is damaged.")
        if key in _TAKEN_KEYS:
            records[key.decode()] = value.decode(*_ENCODING)
        elif key.startswith(b"GNU.sparse"):
            records[_SPARSE] = ""
    return records


def _refuse_global_names(header: tarfile.TarInfo, records: dict[str, str]) -> None:
    if records.keys() & {"path", "size", "linkpath"}:
        raise refusal("The archive gives one name or size to all its entries.")


def _size(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise entry_refusal(name, "does not say how large it is")
    return int(text)


def _exactly(stream: ByteStream, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = stream.read(count - len(data))
        if not chunk:
            raise refusal("The archive is cut off.")
        data += chunk
    return data
