"""The code of a snapshot as drivers take it: a tar for the script's folder, and a zip of its modules for executors."""

import hashlib
import posixpath
import tarfile
import zipfile
from pathlib import Path

from computes.contract import ExecutionRequest
from computes.executors.code import code_files
from computes.in_run.amlweb_cluster.modules import EARLIEST, MODULE, names_for
from computes.machines.contract import PlacedFile

PIECE_BYTES = 1 << 20


def write_code(request: ExecutionRequest, tar_path: Path, zip_path: Path) -> str:
    """Write both archives and return the tar's sha256. Raises TransferFailed where the blob store lacks something."""
    contents: dict[str, Path] = {}
    with tarfile.open(tar_path, "w", format=tarfile.PAX_FORMAT) as tar:
        for file in code_files(request):
            add(tar, file)
            if file.path.endswith(MODULE):
                assert isinstance(file.content, Path)
                contents[file.path] = file.content
    with zipfile.ZipFile(zip_path, "w") as modules:
        for name, path in sorted(names_for(list(contents), posixpath.dirname(request.script)).items()):
            modules.writestr(zipfile.ZipInfo(name, EARLIEST), contents[path].read_bytes(), zipfile.ZIP_DEFLATED)
    digest = hashlib.sha256()
    with tar_path.open("rb") as written:
        while data := written.read(PIECE_BYTES):
            digest.update(data)
    return digest.hexdigest()


def add(tar: tarfile.TarFile, file: PlacedFile) -> None:
    """Add one file of the snapshot."""
    assert isinstance(file.content, Path)
    entry = tarfile.TarInfo(file.path)
    entry.size, entry.mode = file.content.stat().st_size, file.mode & 0o755
    with file.content.open("rb") as content:
        tar.addfile(entry, content)
