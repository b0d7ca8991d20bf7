"""PackedPlace: environments that are built on this server and packed into the storage that a cluster shares with it.

Nothing of the cluster can be looked at, so what packages must fit is said by the target. Once a pack is in the storage
the prefix here is removed: the pack is what drivers and executors get.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from computes.contract import TargetSettings
from computes.environments.contract import LogLine, PackingSettings, PlaceRun, Platform
from computes.environments.folder_place import FolderPlace
from computes.environments.packing import packed, remove_rests
from computes.environments.stopping import ShouldStop, never
from computes.errors import PreparationFailed
from computes.executors.livy.run_behind_livy import livy_settings
from computes.in_run.amlweb_cluster.packing import TOO_LARGE_REMEDY, too_large
from computes.machines.local import LocalMachine
from computes.shared_storage.mark import leave_mark
from computes.shared_storage.packed_environments import PackedEnvironments
from computes.shared_storage.storages import storage_of

VERSION = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}")
OLDEST_PROCESSORS = {"linux-64": "x86_64"}
OLDEST_LINUX = "3.10"


def packed_place(settings: TargetSettings, installation_id: str, packing: PackingSettings) -> "PackedPlace":
    """Return the place of a target behind Livy. Raises TargetError."""
    storage = storage_of(settings, livy_settings(settings))
    return PackedPlace(PackedEnvironments(storage, installation_id), installation_id, packing)


class PackedPlace:
    """The packs of one installation in one storage. Raises TargetError."""

    def __init__(self, packs: PackedEnvironments, installation_id: str, packing: PackingSettings) -> None:
        self.packs = packs
        self.packing = packing
        self.here = FolderPlace(LocalMachine(), packing.folder, installation_id, packing.cuda)

    def make_ready(self, log: LogLine, should_stop: ShouldStop = never) -> None:
        """See that the storage takes something, before time is spent on a build; and remove what builds that died have
        left here. Builds of a target take turns, so nobody else works here."""
        leave_mark(self.packs.storage, self.packs.installation_id)
        self.here.work_folder.open(self.here.installation_id)
        for hash in self.here.sizes():
            self.here.remove(hash)
        remove_rests(Path(self.packing.folder))

    def platform(self) -> Platform:
        """This server's kind of machine, with the C library that the nodes are said to have and the oldest processor:
        newer ones take that too. Programs of the build run here, so no newer library counts than is here. GPUs of this
        server do not count."""
        if not VERSION.fullmatch(self.packing.glibc):
            raise PreparationFailed(
                f"The C library of the nodes is said to be {self.packing.glibc[:40]!r}, which is no version.",
                "Let an administrator correct the target's variable CONDA_OVERRIDE_GLIBC, such as 2.28.",
            )
        server = self.here.platform()
        glibc = min(self.packing.glibc, server.glibc, key=lambda text: tuple(int(part) for part in text.split(".")))
        processor = OLDEST_PROCESSORS.get(server.subdir, server.archspec)
        return replace(server, glibc=glibc, archspec=processor, linux=OLDEST_LINUX)

    def prefix_of(self, hash: str) -> str:
        """Where it is built here; nodes have it elsewhere, and the pack is made so that this does not matter."""
        return self.here.prefix_of(hash)

    def is_complete(self, hash: str) -> bool:
        """Look into the storage."""
        return self.packs.is_whole(hash)

    def begin(self, hash: str) -> None:
        """Make room here."""
        self.here.begin(hash)

    def folder_here(self, hash: str) -> Path | None:
        """It is built on the server."""
        return self.here.folder_here(hash)

    def unpack(self, hash: str, tar: Iterator[bytes]) -> None:
        """Unpack here."""
        self.here.unpack(hash, tar)

    def run(
        self, hash: str, argv: Sequence[str], environment: Mapping[str, str], on_line: LogLine, deadline_seconds: float
    ) -> PlaceRun:
        """Run here."""
        return self.here.run(hash, argv, environment, on_line, deadline_seconds)

    def put(self, hash: str, files: Mapping[str, bytes]) -> None:
        """Write here."""
        self.here.put(hash, files)

    def fetch(self, hash: str, path: str) -> bytes:
        """Read here."""
        return self.here.fetch(hash, path)

    def deliver(self, hash: str, log: LogLine, should_stop: ShouldStop) -> None:
        """Pack the prefix, and bring the pack into the storage."""
        prefix = Path(self.prefix_of(hash))
        if not (prefix / "bin/python").exists():
            raise PreparationFailed(
                "There is no Python in the environment, and drivers of Spark run on it.",
                "Add python to the conda dependencies, in the minor version that Spark on the cluster can use.",
            )
        log("Packing the environment for the nodes of the cluster.")
        with packed(str(prefix), Path(self.packing.folder), should_stop) as pack:
            size = pack.stat().st_size
            if problem := too_large(size, self.packing.largest_bytes):
                raise PreparationFailed(problem, TOO_LARGE_REMEDY)
            log(f"Bringing {size / 1e6:,.1f} MB into the storage of the cluster.")
            self.packs.keep(hash, pack, should_stop)

    def complete(self, hash: str) -> None:
        """The pack counts from the moment that it is there; the prefix is needed no longer."""
        self.here.remove(hash)

    def remove(self, hash: str) -> None:
        """Remove the pack, and what a build has left here."""
        self.packs.remove(hash)
        self.here.remove(hash)

    def sizes(self) -> Mapping[str, int]:
        """Return the bytes of the packs."""
        return {hash: facts.bytes for hash, facts in self.packs.ours().items()}
