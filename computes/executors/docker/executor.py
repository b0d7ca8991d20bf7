"""DockerExecutor: scripts in containers under the supervisor."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock

from computes.contract import (
    CheckItem,
    Collected,
    Condition,
    EnvironmentRecord,
    ExecutionRequest,
    RunAddress,
    RunFolderStatus,
    StopReceipt,
    Stream,
    SystemLog,
    TargetSettings,
)
from computes.errors import TargetError
from computes.executors.docker.check import check_docker
from computes.executors.docker.copied_outputs import collect_copied
from computes.executors.docker.describing import Descriptions
from computes.executors.docker.ending import clean_up, stop
from computes.executors.docker.engine import Engine
from computes.executors.docker.evidence import status_in
from computes.executors.docker.glances import Glances
from computes.executors.docker.images import require_image
from computes.executors.docker.records import records_of
from computes.executors.docker.run_in_container import RunInContainer, container_settings
from computes.executors.docker.silent_engines import open_engine
from computes.executors.docker.starting import start
from computes.machines.contract import CollectionLimits, Machine

MOST_ENGINES = 50

OpenSocket = Callable[[TargetSettings], str]


class DockerExecutor:
    """Runs scripts in containers of the engine that is behind a socket of a machine.

    `open_socket` returns the path, on this server, of a socket that leads to the target's engine.
    """

    def __init__(
        self, machine: Machine, open_socket: OpenSocket, collection_limits: CollectionLimits | None = None
    ) -> None:
        self.machine = machine
        self.open_socket = open_socket
        self.collection_limits = collection_limits or CollectionLimits()
        self.descriptions = Descriptions()
        self.glances = Glances()
        self.engines: dict[str, Engine] = {}
        self.lock = Lock()

    def check(self, settings: TargetSettings) -> Iterator[CheckItem]:
        """Yield each finding as soon as it is known."""
        return check_docker(self.machine, settings, self.engine_of)

    def prepare(self, request: ExecutionRequest, log: SystemLog) -> EnvironmentRecord | None:
        """See that the image is there. Raises ImageMissing where it has to be pulled: that takes its time, and who
        waits for it must not hold a worker. What is installed is described after the run."""
        require_image(self.engine_of(request.address.settings), container_settings(request.address).image)
        return None

    def start(self, request: ExecutionRequest) -> None:
        """Place the code and start the program in a container; return when it is spawned."""
        start(self.run_of(request.address), request)

    def poll(self, address: RunAddress) -> RunFolderStatus:
        """Look at the run. What neither run folder nor engine says is UNREACHABLE."""
        try:
            run = self.run_of(address)
            return status_in(run) if run.settings.is_shared else self.glances.status(run.name, lambda: status_in(run))
        except TargetError as error:
            return RunFolderStatus(Condition.UNREACHABLE, why=error.text, remedy=error.remedy)

    def read(self, address: RunAddress, stream: Stream, offset: int, limit: int) -> bytes:
        """Return at most `limit` bytes of a stream from a byte offset; empty at its end."""
        return records_of(self.run_of(address)).read(stream.value, offset, limit)

    def link_log(self, address: RunAddress, into: Path) -> bool:
        """Hard-link the log where it is mounted and disk and owner are the same."""
        run = self.run_of(address)
        return run.settings.is_shared and self.machine.link(f"{run.run_folder}/{Stream.LOG.value}", into)

    def stop(self, address: RunAddress, grace_seconds: float) -> StopReceipt:
        """Ask for the end and return at once: TERM, the grace, KILL. A run that has not started never will."""
        return stop(self.run_of(address), grace_seconds)

    def collect(self, address: RunAddress, into: Path) -> list[Collected]:
        """Copy `outputs/`; links, devices, pipes and names that cannot be kept are listed with a reason."""
        run = self.run_of(address)
        if run.settings.is_shared:
            return self.machine.download_tree(f"{run.run_folder}/code/outputs", into, self.collection_limits)
        return collect_copied(run, into, self.collection_limits)

    def describe(self, address: RunAddress) -> EnvironmentRecord:
        """Return interpreter, packages and image that the run was executed with."""
        return self.descriptions.describe(self.run_of(address))

    def clean_up(self, address: RunAddress) -> None:
        """Remove run folder, container and volume, and leave a tombstone. TargetError while the program lives."""
        clean_up(self.run_of(address))

    def close(self) -> None:
        """Close the connections to engines; they are opened again when they are needed."""
        with self.lock:
            engines, self.engines = self.engines, {}
        for engine in engines.values():
            engine.close()

    def run_of(self, address: RunAddress) -> RunInContainer:
        """Return what the deeds on a run work with."""
        return RunInContainer(self.machine, self.engine_of(address.settings), address)

    def engine_of(self, settings: TargetSettings) -> Engine:
        """Return the engine of a target; one client is kept for each socket."""
        socket = self.open_socket(settings)
        with self.lock:
            known = self.engines.get(socket)
        if known is not None:
            return known
        engine = open_engine(self.machine, settings, socket)
        with self.lock:
            while len(self.engines) >= MOST_ENGINES:
                self.engines.pop(next(iter(self.engines))).close()
            return self.engines.setdefault(socket, engine)
