"""Unpacks an uploaded archive into an empty folder, safely and with flat memory; what it is, its first bytes say."""

import gzip
import os
import tarfile
import zlib
from pathlib import Path
from typing import IO

from projects.archives.fresh_tree import FreshTree
from projects.archives.refusals import refusal
from projects.archives.tar_reading import unpack_tar
from projects.archives.zip_reading import unpack_zip
from projects.size_limits import SizeLimits

CONFIGURATION_FOLDER = "aml_config"
_OTHER_PACKERS = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7z", b"Rar!": "rar", b"\x28\xb5\x2f\xfd": "zstd"}


def extract_archive(file: IO[bytes], folder: Path, limits: SizeLimits) -> Path:
    """Write the files of a seekable `.zip`, `.tar.gz` or `.tar` into an empty folder.

    Returns the folder that is the project: where everything lies in one top folder, as packers like to do, that one
    (never `aml_config` and never a hidden one). Raises SourceRefused on "archive", naming the entry; what was written
    so far stays.
    """
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(tarfile.BLOCKSIZE)
    file.seek(0)
    tree = FreshTree(folder, limits, length)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        unpack_zip(file, tree, 2 * limits.files + 1000)
    elif start.startswith(b"\x1f\x8b"):
        _unpack_gzip(file, tree, _most_headers(limits))
    elif _is_tar(start):
        unpack_tar(file, tree, _most_headers(limits))
    else:
        packer = next((name for magic, name in _OTHER_PACKERS.items() if start.startswith(magic)), None)
        raise refusal(f"Archives of {packer} are not read." if packer else "The file is no .zip, .tar.gz or .tar.")
    if not tree.files:
        raise refusal("The archive holds no files.")
    return _project_in(folder)


def _unpack_gzip(file: IO[bytes], tree: FreshTree, most_headers: int) -> None:
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as stream:
            unpack_tar(stream, tree, most_headers)
            stream.read(64 * 1024)  # the padding, so that the checksum at the end is reached and compared
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise refusal("The archive is damaged or cut off.") from error


def _project_in(folder: Path) -> Path:
    inside = [path for path in folder.iterdir() if path.name != "__MACOSX"]
    if len(inside) == 1 and inside[0].is_dir() and not inside[0].name.startswith((".", CONFIGURATION_FOLDER)):
        return inside[0]
    return folder


def _is_tar(start: bytes) -> bool:
    if len(start) == tarfile.BLOCKSIZE and not any(start):  # an archive of nothing
        return True
    try:
        tarfile.TarInfo.frombuf(start, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _most_headers(limits: SizeLimits) -> int:
    """Each file may have two extended headers and a folder of its own before it."""
    return 5 * limits.files + 1000
