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
    count, `device=` with the number of one, or device numbers separated by commas. `user` is "uid:gid", empty for the
    owner of the run folder. `socket` is the engine's socket on the machine.
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


def registry_of(image: str) -> str:
    """Return the registry that an image's name stands for, by the engine's rule: what is before the first slash, where
    that can be a host; else Docker's own. Empty for no image."""
    first, slash, _ = image.partition("/")
    is_host = slash and (any(mark in first for mark in ".:") or first != first.lower() or first == "localhost")
    host = first.lower() if is_host else "docker.io" if image else ""
    return "docker.io" if host == "index.docker.io" else host
