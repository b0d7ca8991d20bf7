"""What executors of Spark are given beyond others, and what they tell of an application.

Plain Python, no Django.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from computes.spark_master import takes_deploy_mode


class DeployMode(StrEnum):
    """Where the driver of an application lives: beside the one who submits it, or on a node of the cluster."""

    CLIENT = "client"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """How applications are submitted on the head node of a cluster.

    Empty texts mean what the head node's own configuration says. `keytab` is a path on the head node. `configuration`
    gives way to what a project asks for. `nodes` are the hosts that script actions run on, each as user@host:port.
    `storage_uri` is what drivers on the nodes carry their runs to; empty for a folder of the account in HDFS. A packed
    environment of more than `largest_pack_bytes` is refused.
    """

    master: str = "yarn"
    deploy_mode: DeployMode = DeployMode.CLIENT
    spark_home: str = ""
    java_home: str = ""
    queue: str = ""
    principal: str = ""
    keytab: str = ""
    configuration: Mapping[str, str] = field(default_factory=dict)
    nodes: tuple[str, ...] = ()
    storage_uri: str = ""
    largest_pack_bytes: int = 4 * 1024**3

    @property
    def drivers_are_on_nodes(self) -> bool:
        """Return whether the driver of a run lives on a node of the cluster."""
        return self.deploy_mode is DeployMode.CLUSTER and takes_deploy_mode(self.master)


@dataclass(frozen=True, slots=True)
class LivySettings:
    """How a cluster is reached through Livy. `url` is Livy's address, on HDInsight with the gateway's path `/livy`.

    The target's work folder is a storage that the cluster reaches too: a folder that is mounted here, or an address
    that ends in `/webhdfs/v1/…`. `storage_uri` is the same folder as drivers see it, `file:///…` or any that Hadoop
    knows. `storage_username` and its password are for WebHDFS. `is_for_group`: drivers run under another account of the
    folder's group. `configuration` are Spark properties for every run there, which a project may change.
    """

    url: str
    storage_uri: str
    username: str = ""
    password: str = field(default="", repr=False)
    storage_username: str = ""
    storage_password: str = field(default="", repr=False)
    ca_bundle: str = ""
    proxy_user: str = ""
    queue: str = ""
    is_for_group: bool = False
    configuration: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SparkSettings:
    """What a project asks of Spark: properties, more Maven repositories, and packages as `group:artifact:version`."""

    configuration: Mapping[str, str] = field(default_factory=dict)
    repositories: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SparkResources:
    """What a run wants of a cluster; None and empty leave it to the project's properties and the cluster. Memory is
    written as Spark writes it: "4g"."""

    executors: int | None = None
    executor_cores: int | None = None
    executor_memory: str = ""
    driver_cores: int | None = None
    driver_memory: str = ""


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """What a cluster says of a run's application, each as far as it is known.

    `id` is the cluster's own word (application_1700000000000_0007), `batch` Livy's number. `state` is the cluster's
    word (ACCEPTED, RUNNING, FINISHED, …); `is_waiting` says that it has no resources yet, `why` what it waits for, in a
    sentence of the cluster. Stages and tasks are those of the jobs so far; 0 of 0 means that nothing is known.
    `spark_page` and `driver_log` are addresses that Livy names.
    """

    id: str = ""
    batch: str = ""
    state: str = ""
    is_waiting: bool = False
    why: str = ""
    stages_done: int = 0
    stages: int = 0
    tasks_done: int = 0
    tasks: int = 0
    spark_page: str = ""
    driver_log: str = ""

    @property
    def queue_words(self) -> str:
        """Return in words where an application waits that has no resources yet."""
        return "Queued in YARN" if self.state == "ACCEPTED" else "Queued on the cluster"
