"""LivyExecutor: PySpark scripts as batches of Apache Livy, with a storage that this server and the cluster share."""

from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from computes.contract import (
    CheckItem,
    Collected,
    Condition,
    EnvironmentRecord,
    ExecutionRequest,
    LivySettings,
    RunAddress,
    RunFolderStatus,
    StopReceipt,
    Stream,
    SystemLog,
    TargetSettings,
)
from computes.errors import TargetError
from computes.executors.livy.check import check_livy
from computes.executors.livy.client import LivyClient
from computes.executors.livy.describing import describe
from computes.executors.livy.ending import clean_up, stop
from computes.executors.livy.evidence import status_of
from computes.executors.livy.looks import Looks
from computes.executors.livy.run_behind_livy import Patience, RunBehindLivy, Seen, livy_settings, work_address
from computes.executors.livy.starting import start
from computes.executors.livy.system_log import read_system
from computes.machines.contract import CollectionLimits
from computes.shared_storage.contract import SharedStorage
from computes.shared_storage.http import SILENCE_SECONDS
from computes.shared_storage.outputs import collect
from computes.shared_storage.parts import PartsIndex
from computes.shared_storage.shared_run import SharedRun
from computes.shared_storage.storages import storage_of
from computes.spark_driver.layout import LOG, METRICS

MOST_SEEN = 1000
STREAMS = {Stream.LOG: LOG, Stream.METRICS: METRICS}


class LivyExecutor:
    """Runs scripts on clusters behind Livy. It keeps connections and what it has seen, never a handle of a run."""

    def __init__(
        self,
        collection_limits: CollectionLimits | None = None,
        patience: Patience | None = None,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        self.collection_limits = collection_limits or CollectionLimits()
        self.patience = patience or Patience()
        self.silence_seconds = silence_seconds
        self.looks = Looks()
        self.lock = Lock()
        self.reached: dict[tuple[str, str], tuple[LivySettings, LivyClient, SharedStorage]] = {}
        self.seen: dict[str, Seen] = {}

    def check(self, settings: TargetSettings) -> Iterator[CheckItem]:
        """Yield each finding as soon as it is known."""
        return check_livy(settings, self.silence_seconds)

    def prepare(self, request: ExecutionRequest, log: SystemLog) -> EnvironmentRecord | None:
        """Nothing to make ready here: a packed environment is placed by who builds it."""
        return None

    def start(self, request: ExecutionRequest) -> None:
        """Place the code and have Livy start the batch; return when it has taken it."""
        start(self.run_of(request.address), request, livy_settings(request.address.settings), self.collection_limits)

    def poll(self, address: RunAddress) -> RunFolderStatus:
        """Look at the run. What neither storage nor Livy says is UNREACHABLE."""
        return self.looks.status(work_address(address), lambda: self.look(address))

    def look(self, address: RunAddress) -> RunFolderStatus:
        """Look now."""
        try:
            return status_of(self.run_of(address))
        except TargetError as error:
            return RunFolderStatus(Condition.UNREACHABLE, why=error.text)

    def read(self, address: RunAddress, stream: Stream, offset: int, limit: int) -> bytes:
        """Return at most `limit` bytes of a stream from a byte offset; empty at its end."""
        run = self.run_of(address)
        parts = run.seen.parts
        if run.seen.is_due(f"parts of {stream}", self.patience.glance_seconds):
            parts.refresh()
        if stream is Stream.SYSTEM:
            return read_system(run.shared, parts, offset, limit)
        return parts.read(STREAMS[stream], offset, limit)

    def link_log(self, address: RunAddress, into: Path) -> bool:
        """The log is in parts; there is nothing to link."""
        return False

    def stop(self, address: RunAddress, grace_seconds: float) -> StopReceipt:
        """Ask for the end and return at once. A run that has not started never will."""
        return stop(self.run_of(address), grace_seconds)

    def collect(self, address: RunAddress, into: Path) -> list[Collected]:
        """Copy the outputs that the driver has carried, each verified; links and the like are listed with a reason."""
        return collect(self.run_of(address).shared, into, self.collection_limits)

    def describe(self, address: RunAddress) -> EnvironmentRecord:
        """Return interpreter and packages of the driver, and the application with its pages."""
        return describe(self.run_of(address))

    def clean_up(self, address: RunAddress) -> None:
        """Remove the run's folder and leave a tombstone. TargetError while the run may live."""
        clean_up(self.run_of(address))
        with self.lock:
            self.seen.pop(work_address(address), None)

    def run_of(self, address: RunAddress) -> RunBehindLivy:
        """Return what the deeds on a run work with."""
        settings = livy_settings(address.settings)
        client, storage = self.reach(address.settings, settings)
        shared = SharedRun(storage, address, settings.storage_uri)
        key = work_address(address)
        with self.lock:
            if key not in self.seen:
                while len(self.seen) >= MOST_SEEN:
                    self.seen.pop(next(iter(self.seen)))
                self.seen[key] = Seen(PartsIndex(storage, shared.folder))
            seen = self.seen[key]
        return RunBehindLivy(shared, client, seen, self.patience)

    def reach(self, settings: TargetSettings, livy: LivySettings) -> tuple[LivyClient, SharedStorage]:
        """Return the connections to a target, made anew when its settings change."""
        key = (settings.work_folder, livy.url)
        known = self.reached.get(key)
        if known is None or known[0] != livy:
            known = (livy, LivyClient(livy, self.silence_seconds), storage_of(settings, livy))
            self.reached[key] = known
        return known[1:]
