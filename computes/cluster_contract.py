"""What executors of Spark clusters are given beyond other targets, and what they tell of an application.

Plain Python, no Django.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class DeployMode(StrEnum):
    """Where the driver of an application lives: beside the one who submits it, or on a node of the cluster."""

    CLIENT = "client"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """How applications are submitted on the head node of a cluster.

    Empty texts mean what the head node's own configuration says. `keytab` is a path on the head node. `configuration`
    counts before what a project asks for. `nodes` are the hosts that script actions run on, each as user@host:port.
    """

    master: str = "yarn"
    deploy_mode: DeployMode = DeployMode.CLUSTER
    spark_home: str = ""
    java_home: str = ""
    queue: str = ""
    principal: str = ""
    keytab: str = ""
    configuration: Mapping[str, str] = field(default_factory=dict)
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """What a cluster says of a run's application, each as far as it is known.

    `id` is the cluster's own word (application_1700000000000_0007), `batch` Livy's number. `state` is the cluster's
    word (ACCEPTED, RUNNING, FINISHED, …); `is_waiting` says that it has no resources yet, `why` what it waits for, in a
    sentence of the cluster. Stages and tasks are those of the jobs so far; 0 of 0 means that nothing is known.
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
