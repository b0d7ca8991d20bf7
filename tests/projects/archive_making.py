"""Makes archives as no honest packer would."""

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Iterable


def zip_of(*entries: tuple[str, bytes], mode: int = 0o100644, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Pack entries under exactly these names, twins included."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", packing) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo("placeholder")
            info.filename = info.orig_filename = name
            info.external_attr, info.create_system, info.compress_type = mode << 16, 3, packing
            archive._didModify = True
            archive.NameToInfo.clear()
            archive.writestr(info, content)
    return packed.getvalue()


def tar_header(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, linkname: str = "") -> bytes:
    """Return one ustar header block with a right checksum."""
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, linkname
    return info.tobuf(tarfile.USTAR_FORMAT)


def tar_of(*parts: bytes) -> bytes:
    """Join headers and contents (padded here) and end the archive."""
    return b"".join(part + b"\0" * (-len(part) % 512) for part in parts) + b"\0" * 1024


def tar_gz_of(*parts: bytes) -> bytes:
    """Return `tar_of` in gzip."""
    return gzip.compress(tar_of(*parts), mtime=0)


def pax_records(records: Iterable[tuple[str, str]]) -> bytes:
    """Return an extended header and its content, ready for `tar_of`."""
    text = b""
    for key, value in records:
        body = f" {key}={value}\n".encode()
        length = len(body) + len(str(len(body) + len(str(len(body)))))
        text += str(length).encode() + body
    return tar_header("pax", tarfile.XHDTYPE, len(text)) + text


def changed(archive: bytes, signature: bytes, offset: int, layout: str, value: int) -> bytes:
    """Return a zip with one number changed in the first structure of a signature."""
    place = archive.index(signature) + offset
    packed = struct.pack(layout, value)
    return archive[:place] + packed + archive[place + len(packed) :]
