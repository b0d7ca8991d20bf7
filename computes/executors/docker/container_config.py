"""What a container is created with: all that the target's settings say, and nothing that the user wrote."""

from collections.abc import Mapping, Sequence
from typing import Any

from computes.contract import ContainerSettings, Network
from computes.errors import StartFailed

LOG = {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "1"}}
NETWORKS = {Network.NONE: "none", Network.DEFAULT: "default", Network.HOST: "host"}


def bind(source: str, target: str, read_only: bool = False) -> dict[str, Any]:
    """Return the mount of a folder of the machine. A folder that is not there is an error of the engine."""
    return {"Type": "bind", "Source": source, "Target": target, "ReadOnly": read_only}


def volume(name: str, target: str, read_only: bool = False) -> dict[str, Any]:
    """Return the mount of a volume of the engine; what the image has at that path is not copied into it."""
    options = {"NoCopy": True}
    return {"Type": "volume", "Source": name, "Target": target, "ReadOnly": read_only, "VolumeOptions": options}


def run_config(
    settings: ContainerSettings,
    user: str,
    command: Sequence[str],
    mounts: Sequence[Mapping[str, Any]],
    labels: dict[str, str],
) -> dict[str, Any]:
    """Return the configuration of a run's container: unprivileged, with the limits of the target."""
    config = plain_config(settings.image, user, command, mounts, labels, settings.network)
    host = config["HostConfig"]
    if settings.network == Network.NONE:
        config["Hostname"] = "localhost"  # the only name that is known without a network
    if settings.cpus is not None:
        host["NanoCpus"] = int(settings.cpus * 1e9)
    if settings.memory_bytes is not None:
        host["Memory"] = host["MemorySwap"] = settings.memory_bytes
    if settings.shm_bytes is not None:
        host["ShmSize"] = settings.shm_bytes
    if settings.most_processes is not None:
        host["PidsLimit"] = settings.most_processes
    if settings.gpus:
        host["DeviceRequests"] = [device_request(settings.gpus)]
    return config


def plain_config(
    image: str,
    user: str,
    command: Sequence[str],
    mounts: Sequence[Mapping[str, Any]],
    labels: dict[str, str],
    network: Network = Network.NONE,
) -> dict[str, Any]:
    """Return a configuration without limits. Never privileged, no capabilities, no variables but the image's own."""
    return {
        "Image": image,
        "User": user,
        "Entrypoint": list(command),
        "Cmd": [],
        "WorkingDir": "/",
        "Labels": labels,
        "HostConfig": {
            "Init": True,
            "Mounts": [dict(mount) for mount in mounts],
            "NetworkMode": NETWORKS[network],
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "Privileged": False,
            "AutoRemove": False,
            "RestartPolicy": {"Name": "no"},
            "LogConfig": LOG,
        },
    }


def device_request(gpus: str) -> dict[str, Any]:
    """Return the request for "all", a count from 1, or device numbers: separated by commas, or one after `device=`.
    Raises StartFailed."""
    request: dict[str, Any] = {"Driver": "", "Capabilities": [["gpu"]]}
    if gpus == "all":
        return {**request, "Count": -1}
    if gpus.isdecimal() and int(gpus) > 0:
        return {**request, "Count": int(gpus)}
    numbers = [part.strip() for part in gpus.removeprefix("device=").split(",")]
    if not gpus.isdecimal() and all(part.isdecimal() for part in numbers if part) and any(numbers):
        return {**request, "DeviceIDs": [part for part in numbers if part]}
    raise StartFailed(
        f"gpus of the target is {gpus!r}.",
        'Set it to "all", a count from 1, "device=1" for one certain GPU, or device numbers separated by commas.',
    )


def user_of(settings: ContainerSettings) -> str:
    """Return "uid:gid", empty for the owner of the run folder. Raises StartFailed for root and for names."""
    if not settings.user:
        return ""
    uid, _, gid = settings.user.partition(":")
    gid = gid or uid
    if not (uid.isdecimal() and gid.isdecimal()) or int(uid) == 0 or int(gid) == 0:
        raise StartFailed(
            f"The container's user {settings.user!r} is not a pair of numbers above 0.",
            "Let an administrator set the container's user of the target to UID:GID; containers never run as root.",
        )
    return f"{int(uid)}:{int(gid)}"
