"""What calls about targets send and get. What the values mean is checked by the form of the kind, as on the pages."""

from typing import Annotated, Any, Literal

from pydantic import Field

from runs.api.answer_schemas import Answer, Moment, TargetFacts
from runs.api.cluster_schemas import ClusterChanges, ClusterDetails
from runs.api.request_schemas import Bytes, Count, Seconds, Secret, StrictSchema


class TargetChanges(ClusterChanges):
    """What may be said about a target. What is left out stays as it is; which fields there are depends on the kind."""

    name: str | None = Field(None, description="What run configurations call it")
    description: str | None = None
    slots: Count | None = None
    longest_run_seconds: Seconds | None = None
    work_folder: str | None = None
    native_shared_directory: str | None = None
    environment_variables: dict[str, str] | None = None
    lost_after_seconds: Seconds | None = None
    python_location: str | None = None
    user_managed_environment: bool | None = None
    address: str | None = Field(None, description="host or host:port")
    username: str | None = None
    jump_hosts: list[str] | None = Field(None, description="user@host:port of each, the first one first")
    keep_alive_seconds: Seconds | None = None
    private_key: Secret | None = None
    passphrase: Secret | None = None
    password: Secret | None = Field(None, description="Used once to install our public key, then forgotten")
    keep_password: bool | None = Field(
        None, description="Keep the password and log in with it; only without containers"
    )
    new_key_pair: bool | None = Field(None, description="Make a new key pair instead of the stored credential")
    base_docker_image: str | None = None
    shared_volumes: bool | None = None
    gpus: str | None = Field(None, description='"all", how many, "device=1" for that one, or numbers with commas')
    cpus: float | None = None
    memory_bytes: Bytes | None = None
    shm_bytes: Bytes | None = None
    most_processes: Count | None = None
    network: Literal["none", "default", "host"] | None = None
    container_user: str | None = Field(None, description="uid:gid")
    docker_socket: str | None = None
    registry_username: str | None = None
    registry_password: Secret | None = None
    channel_alias: str | None = Field(None, description="Before conda channels that are only a name; may hold a login")
    channel_map: dict[str, list[str]] | None = Field(None, description="Channels that a name stands for")
    pip_index: str | None = Field(None, description="May hold a login, which is sealed")
    pip_extra_indexes: list[str] | None = Field(None, description="May hold logins, which are sealed")
    ca_bundle: str | None = Field(None, description="Certificates in PEM")
    proxy: str | None = Field(None, description="May hold a login, which is sealed")
    forget_package_logins: bool | None = Field(None, description="Forget the stored logins of package sources")


class TargetWanted(TargetChanges):
    """A target to attach. Without a credential, a key pair is made and its public half is in the answer."""

    name: str = Field("", description="What run configurations call it")
    kind: str = Field("", description="local, localdocker, remote, remotedocker, cluster or livy")


class ApprovalWanted(StrictSchema):
    """The fingerprint that was compared on the host; `understood` where the host had another approved key before."""

    fingerprint: str = Field("", max_length=100)
    understood: bool = False


class TargetDetails(TargetFacts, ClusterDetails):
    """All that is set up, for administrators. A secret is never among it: `credential` says only what kind it is."""

    work_folder: str
    native_shared_directory: str
    environment_variables: dict[str, str]
    lost_after_seconds: int
    python_location: str
    user_managed_environment: bool
    address: str
    port: int
    username: str
    jump_hosts: list[str]
    keep_alive_seconds: int
    credential: str
    public_key: str
    host_key_state: str
    base_docker_image: str
    shared_volumes: bool
    gpus: str
    cpus: float | None
    memory_bytes: int | None
    shm_bytes: int | None
    most_processes: int | None
    network: str
    container_user: str
    docker_socket: str
    registry_username: str
    has_registry_password: bool
    channel_alias: str
    channel_map: dict[str, list[str]]
    pip_index: str
    pip_extra_indexes: list[str]
    ca_bundle: str
    proxy: str
    package_logins: list[str] = Field(description="The addresses that a login is stored for")


class ErrandFacts(Answer):
    """What a task worker was asked to do at the host, and what came of it."""

    kind: str
    requested_at: Moment
    finished_at: Moment
    is_finished: bool
    result: str
    problem: str


class HostFacts(Answer):
    """A host on the way, with its keys as (type, fingerprint), and the command that shows the fingerprint there. Its
    `state` is unseen, shown, approved or changed."""

    host: str
    port: int
    is_jump_host: bool
    state: str
    approved: list[dict[str, Any]]
    shown: list[dict[str, Any]]
    compare_command: str


class HostKeyFacts(Answer):
    """The hosts on the way to a target, the target itself last, and what was last done there."""

    target: str
    hosts: list[HostFacts]
    scan: ErrandFacts | None
    installation: ErrandFacts | None


class OrphanFacts(Answer):
    """A thing on a target that belongs to no live run. `run` is its address where the run is known."""

    key: str
    what: str
    name: str
    since: Moment
    bytes: int | None
    why: str
    is_alive: bool
    run: str


class SpaceFacts(Answer):
    """What amlweb uses on a target by the last survey; None where that is not known. `survey` is the one that was
    asked for last, `cleaning` the removal."""

    target: str
    looked_at: Moment
    is_looking: bool
    problem: str
    orphans: list[OrphanFacts]
    environments: int
    environment_bytes: int | None
    run_folders: int
    run_folder_bytes: int | None
    cached_bytes: int | None
    cached_bytes_by_days: dict[str, int]
    python_bytes: int | None
    image_bytes: int | None
    free_bytes: int | None
    docker_free_bytes: int | None
    cleaning: ErrandFacts | None


class ReclaimWanted(StrictSchema):
    """What is to be removed: orphans by key, environments by hash, and cached contents that nobody has wanted for so
    many days. "all" in a list stands for all that may go."""

    orphans: list[Annotated[str, Field(max_length=200)]] = Field([], max_length=10_000)
    environments: list[Annotated[str, Field(max_length=200)]] = Field([], max_length=10_000)
    contents_days: Literal[1, 7, 30] | None = None


class ReclaimFacts(Answer):
    """How many orphans and environments are being removed, and how far the removal of orphans is."""

    orphans: int
    environments: int
    cleaning: ErrandFacts | None
