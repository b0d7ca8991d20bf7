"""What every executor is given and gives back: the contract between a run and the place where it runs.

Plain Python, no Django. Times are seconds, sizes are bytes. An executor keeps no handle of a run: every name on
the target derives from the installation's and the run's id, so any process of ours can look at, stop or clean up
any run at any time, and every verb may be called twice.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from computes.cluster_contract import ApplicationFacts as ApplicationFacts
from computes.cluster_contract import ClusterSettings as ClusterSettings
from computes.cluster_contract import LivySettings as LivySettings
from computes.cluster_contract import SparkResources as SparkResources
from computes.cluster_contract import SparkSettings as SparkSettings
from computes.container_settings import ContainerSettings as ContainerSettings
from computes.container_settings import Network as Network
from computes.container_settings import RegistryLogin as RegistryLogin
from projects.manifest import Manifest


class Framework(StrEnum):
    """How the script is started: by the Python interpreter or by spark-submit."""

    PYTHON = "Python"
    PYSPARK = "PySpark"


class Stream(StrEnum):
    """The three growing files of a run folder that the server copies by byte offset."""

    LOG = "log"
    SYSTEM = "system.log"
    METRICS = "metrics.jsonl"


class Condition(StrEnum):
    """What a look at the run folder says. Only EXITED and LOST are evidence that a run has ended.

    ABSENT means that the work folder is ours and knows of no start: not started yet, refused, or cleaned up.
    """

    ABSENT = "absent"
    STARTING = "starting"
    ALIVE = "alive"
    EXITED = "exited"
    LOST = "lost"
    UNREACHABLE = "unreachable"


class Loss(StrEnum):
    """What the evidence says of a run that is LOST. UNPREPARED and NOT_STARTED: its program never began, in the first
    case because what it asked for could not be had. KILLED and OUT_OF_MEMORY: who looks after the target ended it."""

    UNKNOWN = ""
    UNPREPARED = "unprepared"
    NOT_STARTED = "not_started"
    KILLED = "killed"
    OUT_OF_MEMORY = "out_of_memory"


@dataclass(frozen=True, slots=True)
class SshAccess:
    """How a machine is reached over SSH. Secrets are never part of its representation.

    `host_keys` are the approved keys, each as `type base64`; without one nothing is sent to the host. `jumps` are the
    hosts on the way there, the first one first. `python_folder` is where on the host a Python that we brought is looked
    for, when the host has none; empty for nowhere.
    """

    host: str
    username: str
    port: int = 22
    host_keys: tuple[str, ...] = ()
    private_key: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    keep_alive_seconds: int = 15
    jumps: tuple["SshAccess", ...] = ()
    python_folder: str = ""


@dataclass(frozen=True, slots=True)
class TargetSettings:
    """The plain facts of a compute target that machines and executors work with.

    `work_folder` is where run folders and caches live on the target; `environment` is set for every run there. With
    `user_managed_environment` runs use the Python that is there; else one that was prepared for them. `ssh` is None on
    this machine, `container` None where programs run as plain processes, `cluster` None but for the head node of a
    cluster, `livy` None but for clusters behind Livy. `environments` are the hashes of those that were built there: a
    check looks for them.
    """

    name: str
    kind: str
    work_folder: str
    python_location: str = "python3"
    native_shared_directory: str = ""
    spark_submit_location: str = "spark-submit"
    environment: Mapping[str, str] = field(default_factory=dict)
    user_managed_environment: bool = True
    ssh: SshAccess | None = None
    container: ContainerSettings | None = None
    cluster: ClusterSettings | None = None
    livy: LivySettings | None = None
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunAddress:
    """Where a run lives: enough to poll, read, stop, collect and clean up. Both ids are lowercase hexadecimal."""

    installation_id: str
    run_id: str
    settings: TargetSettings


@dataclass(frozen=True, slots=True)
class Limits:
    """What ends a run from our side. `time_limit_seconds` None means no limit."""

    time_limit_seconds: float | None = None
    grace_seconds: float = 30.0
    log_cap_bytes: int = 2 * 1024**3
    free_space_floor_bytes: int = 200 * 1024**2


@dataclass(frozen=True, slots=True)
class ExecutionRequest:
    """Everything an executor needs to start one run. Secrets are never part of its representation.

    `environment_hash` names the prepared environment that the script runs in; empty where the user manages it. `spark`
    counts for PySpark only.
    """

    address: RunAddress
    framework: Framework
    script: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    manifest: Manifest = field(repr=False)
    blobs: Path
    project: str
    limits: Limits = field(default_factory=Limits)
    environment_hash: str = ""
    spark: SparkSettings = field(default_factory=SparkSettings)
    resources: SparkResources = field(default_factory=SparkResources)


@dataclass(frozen=True, slots=True)
class ExitRecord:
    """How the program ended, written by the supervisor on the target.

    `code` is None when it is not known, 128 + `signal` when a signal ended the program; `ended_by` says who ended it:
    "" (itself), "cancel", "time_limit", "log_limit", "disk_full". `out_of_memory` is the kernel's word, not a guess.
    `steps` is what a stop did, in order, each with seconds since the program's start: ("TERM", 3.2), ("KILL", 33.2),
    ("swept 2 processes", 33.3).
    """

    code: int | None
    signal: int | None
    ended_by: str
    out_of_memory: bool
    duration_seconds: float
    log_bytes: int | None
    log_crc32: int | None
    steps: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class RunFolderStatus:
    """One look at a run folder. `why` explains LOST and UNREACHABLE in a sentence for the user, `remedy` says what to
    do about UNREACHABLE.

    `supervised` is False when the program lives on without its supervisor: it can still be cancelled, but its exit
    code will be unknown. `application` is what a cluster says of it; None where there is none, or no news.
    `loss` says more of LOST.
    """

    condition: Condition
    exit: ExitRecord | None = None
    why: str = ""
    supervised: bool = True
    log_bytes: int = 0
    system_bytes: int = 0
    metrics_bytes: int = 0
    remedy: str = ""
    application: ApplicationFacts | None = None
    loss: Loss = Loss.UNKNOWN


class StopState(StrEnum):
    """What a stop found: the end is under way, it is verified gone, or it never started and now never will."""

    ENDING = "ending"
    GONE = "gone"
    NEVER_STARTED = "never_started"


@dataclass(frozen=True, slots=True)
class StopReceipt:
    """What a stop did, in a sentence for the page."""

    state: StopState
    text: str


@dataclass(frozen=True, slots=True)
class Collected:
    """One thing found in `outputs/`. `skipped` is empty, or says why it was not copied."""

    path: str
    size: int
    sha256: str
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One line of a target's check: what was looked at, whether it is right, and what to do if not."""

    name: str
    ok: bool
    detail: str
    remedy: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class EnvironmentRecord:
    """What a run is executed with: the interpreter and the packages that are installed there."""

    interpreter: str
    version: str
    packages: Mapping[str, str]
    details: Mapping[str, Any] = field(default_factory=dict)


SystemLog = Callable[[str], None]


class Executor(Protocol):
    """How a run is executed on a kind of target. Exceptions are `computes.errors.TargetError` and mean that we or
    the target failed, never that the script did."""

    def check(self, settings: TargetSettings) -> Iterator[CheckItem]:
        """Yield each finding as soon as it is known."""

    def prepare(self, request: ExecutionRequest, log: SystemLog) -> EnvironmentRecord | None:
        """Make the execution environment ready. None where the user manages it: it is described afterwards."""

    def start(self, request: ExecutionRequest) -> None:
        """Place the code and start the program; return when it is spawned.

        A second start finds the first, also when that has ended. StartRefused: stopped or cleaned up before it started.
        """

    def poll(self, address: RunAddress) -> RunFolderStatus:
        """Look at the run folder. Never raises for a target that does not answer: that is UNREACHABLE."""

    def read(self, address: RunAddress, stream: Stream, offset: int, limit: int) -> bytes:
        """Return at most `limit` bytes of a stream from a byte offset; empty at its end."""

    def link_log(self, address: RunAddress, into: Path) -> bool:
        """Hard-link the log to a path of the server where that is possible; True when `into` is the log."""

    def stop(self, address: RunAddress, grace_seconds: float) -> StopReceipt:
        """Ask for the end and return at once: TERM, the grace, KILL. A run that has not started never will."""

    def collect(self, address: RunAddress, into: Path) -> list[Collected]:
        """Copy `outputs/` into a folder of the server, also after failure and cancel; links are refused."""

    def describe(self, address: RunAddress) -> EnvironmentRecord:
        """Return the interpreter and packages that the run was executed with."""

    def clean_up(self, address: RunAddress) -> None:
        """Remove the run folder and leave a tombstone, so that a late start of the same run does nothing.

        TargetError while the program lives.
        """
