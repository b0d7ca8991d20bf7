"""Makes a place of plain data, in the process that builds there.

    {"kind": "folder" | "volume" | "packed", "installation_id": "...", "settings": {TargetSettings as JSON},
     "packing": {PackingSettings as JSON} for "packed"}

The settings hold the credentials of the target, so this is data for pipes and for files that nobody else may read.
Libraries for Docker and SSH are loaded where a place needs them: they take 20 MB each, and who only writes the data
needs none.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from importlib import import_module
from typing import Any

from computes.contract import ContainerSettings, LivySettings, Network, RegistryLogin, SshAccess, TargetSettings
from computes.environments.contract import PackingSettings, Place
from computes.environments.cuda import cuda_of, said_cuda
from computes.environments.folder_place import FolderPlace
from computes.errors import PreparationFailed
from computes.machines import ssh
from computes.machines.contract import Machine
from computes.machines.local import LocalMachine


def place_to_json(
    kind: str, settings: TargetSettings, installation_id: str, packing: PackingSettings | None = None
) -> dict[str, Any]:
    """Return the plain data of a place, credentials included; of a head node's cluster nothing is needed there."""
    return {
        "kind": kind,
        "installation_id": installation_id,
        "settings": asdict(replace(settings, cluster=None)),
        "packing": asdict(packing) if packing else None,
    }


def place_from_json(data: Mapping[str, Any]) -> Place:
    """Return the place of plain data. Raises PreparationFailed for a kind that this installation does not have."""
    settings = settings_from_json(data["settings"])
    if data["kind"] == "folder":
        said = said_cuda(settings.environment)
        return FolderPlace(machine_for(settings), settings.work_folder, data["installation_id"], said)
    if data["kind"] == "volume":
        volumes = import_module("computes.executors.docker.volume_place")
        cuda = partial(cuda_of_containers, settings)
        place: Place = volumes.volume_place(settings, machine_for(settings), data["installation_id"], cuda)
        return place
    if data["kind"] == "packed":
        packed = import_module("computes.executors.livy.packed_place")
        packs: Place = packed.packed_place(settings, data["installation_id"], PackingSettings(**data["packing"]))
        return packs
    raise PreparationFailed(
        f"{data['kind']!r} is not a kind of place for environments.",
        "Use `folder`, `volume` or `packed`; tell the administrator.",
    )


def machine_for(settings: TargetSettings) -> Machine:
    """Return the machine of a target."""
    if settings.ssh is None:
        return LocalMachine()
    return ssh.SshMachine(settings.ssh)


def cuda_of_containers(settings: TargetSettings) -> str:
    """Return the newest CUDA that a target's containers can use: that of its machine, where they get GPUs. Raises
    PreparationFailed and TargetError."""
    said = said_cuda(settings.environment)
    if said is None and not (settings.container and settings.container.gpus):
        return ""
    return cuda_of(machine_for(settings), said)


def settings_from_json(data: Mapping[str, Any]) -> TargetSettings:
    """Return the settings of plain data."""
    whole = dict(data)
    ssh, container, livy = whole.pop("ssh"), whole.pop("container"), whole.pop("livy")
    return TargetSettings(
        **whole,
        ssh=_access(ssh) if ssh else None,
        container=_containers(container) if container else None,
        livy=LivySettings(**livy) if livy else None,
    )


def _access(data: Mapping[str, Any]) -> SshAccess:
    whole = dict(data)
    jumps, keys = whole.pop("jumps"), whole.pop("host_keys")
    return SshAccess(**whole, host_keys=tuple(keys), jumps=tuple(_access(jump) for jump in jumps))


def _containers(data: Mapping[str, Any]) -> ContainerSettings:
    whole = dict(data)
    login, network = whole.pop("login"), whole.pop("network")
    return ContainerSettings(**whole, network=Network(network), login=RegistryLogin(**login) if login else None)
