"""How containers of runs are made: what executors of containers are given beyond other targets. Plain Python."""

from dataclasses import dataclass, field
from enum import StrEnum


class Network(StrEnum):
    """What a container can reach: nothing, what the engine's default network reaches, or all that its host reaches."""

    NONE = "none"
    DEFAULT = "default"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class RegistryLogin:
    """The login to a private image registry."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ContainerSettings:
    """How the containers of a target's runs are made. None means that the engine decides.

    `is_shared`: run and share folders are mounted; otherwise they are copied in and out. `gpus` is empty, "all", a
    count, or device numbers separated by commas. `user` is "uid:gid", empty for the owner of the run folder. `socket`
    is the engine's socket on the machine.
    """

    image: str
    is_shared: bool = True
    gpus: str = ""
    cpus: float | None = None
    memory_bytes: int | None = None
    shm_bytes: int | None = None
    most_processes: int | None = None
    network: Network = Network.DEFAULT
    user: str = ""
    socket: str = "/var/run/docker.sock"
    login: RegistryLogin | None = None
