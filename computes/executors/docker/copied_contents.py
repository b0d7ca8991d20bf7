"""Copying a run folder into a volume of the engine, where folders of the machine are not mounted."""

import io
import tarfile
import tempfile
from collections.abc import Mapping
from typing import Any

from computes.contract import ExecutionRequest
from computes.executors.code import code_files
from computes.executors.docker.container_config import volume
from computes.executors.docker.contents import environment_mounts
from computes.executors.docker.names import CODE, IN_RUN, RUNS, SUPERVISOR, labels_of, run_folder_inside, volume_of
from computes.executors.docker.run_in_container import RunInContainer
from computes.executors.run_placing import require_space
from computes.executors.specification import to_bytes
from computes.machines.contract import PlacedFile
from computes.machines.placing import checked
from computes.own_code import own_code


class CopiedContents:
    """The run folder is a volume of the engine, and the code is in the container; the machine keeps only what forbids
    and records starts."""

    def __init__(self, run: RunInContainer, request: ExecutionRequest) -> None:
        self.run = run
        self.request = request

    def place(self, placed: str, specification: Mapping[str, Any]) -> None:
        """Place an empty folder: a stop leaves its cancel there."""
        free = self.run.machine.free_bytes(self.run.folder.path)
        require_space(free, self.request.limits.free_space_floor_bytes)
        self.run.machine.make_folder(placed)

    def kept(self) -> dict[str, str]:
        """There is none where nothing is mounted."""
        return {}

    def readable(self) -> tuple[str, ...]:
        """Our code is copied in."""
        return ()

    def mounts(self) -> list[dict[str, Any]]:
        """The volume holds the run folder."""
        name = volume_of(self.request.address)
        self.run.engine.create_volume(name, labels_of(self.request.address))
        return [volume(name, RUNS), *environment_mounts(self.request.environment_hash)]

    def fill(self, specification: Mapping[str, Any], user: str) -> None:
        """Copy specification and secrets into the volume; our own code and the working folder beside it."""
        uid, gid = (int(number) for number in user.split(":"))
        with tempfile.TemporaryFile() as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                self.add_own_code(tar)
                self.add_run_folder(tar, specification, uid, gid)
            file.seek(0)
            self.run.engine.put(self.run.name, "/", file)

    def add_own_code(self, tar: tarfile.TarFile) -> None:
        """Add supervisor and library; they are root's, so that a run cannot change them."""
        for name, inner, path in (("supervisor", "supervisor", SUPERVISOR), ("in_run", "", IN_RUN)):
            for file in own_code(name, inner)[1]:
                add_file(tar, file, f"{path.lstrip('/')}/{file.path}", 0, 0)

    def add_run_folder(self, tar: tarfile.TarFile, specification: Mapping[str, Any], uid: int, gid: int) -> None:
        """Add the run folder; all of it is the run's own. The code is beside it, where programs see it elsewhere, too:
        a link there would not be their working folder."""
        inside, code = run_folder_inside(self.request.address).lstrip("/"), CODE.lstrip("/")
        made: set[str] = set()
        for folder in (inside, f"{inside}/home", code, f"{code}/outputs"):
            add_folder(tar, folder, uid, gid)
        link = tarfile.TarInfo(f"{inside}/code")
        link.type, link.linkname = tarfile.SYMTYPE, CODE
        tar.addfile(link)
        for file in code_files(self.request):
            parts = checked(file.path).split("/")
            for parent in ("/".join(parts[:depth]) for depth in range(1, len(parts))):
                if parent not in made:
                    made.add(parent)
                    add_folder(tar, f"{code}/{parent}", uid, gid)
            add_file(tar, file, f"{code}/{file.path}", uid, gid)
        records = [PlacedFile("spec.json", 0o600, to_bytes(specification))]
        if self.request.secrets:
            records.append(PlacedFile("secrets.json", 0o600, to_bytes(self.request.secrets)))
        for record in records:
            add_file(tar, record, f"{inside}/{record.path}", uid, gid)


def add_folder(tar: tarfile.TarFile, path: str, uid: int, gid: int) -> None:
    """Add a folder that only its owner may enter."""
    entry = tarfile.TarInfo(path)
    entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, 0o700, uid, gid
    tar.addfile(entry)


def add_file(tar: tarfile.TarFile, file: PlacedFile, path: str, uid: int, gid: int) -> None:
    """Add a file of the server, or bytes."""
    entry = tarfile.TarInfo(path)
    entry.mode, entry.uid, entry.gid = file.mode & 0o755, uid, gid
    if isinstance(file.content, bytes):
        entry.size = len(file.content)
        tar.addfile(entry, io.BytesIO(file.content))
        return
    with file.content.open("rb") as content:
        entry.size = file.content.stat().st_size
        tar.addfile(entry, content)
