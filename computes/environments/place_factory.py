"""Makes a place of plain data, in the process that builds there.

    {"kind": "folder" | "volume", "installation_id": "...", "settings": {TargetSettings as JSON}}

The settings hold the credentials of the target, so this is data for pipes and for files that nobody else may read.
"""

import importlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from computes.contract import ContainerSettings, Network, RegistryLogin, SshAccess, TargetSettings
from computes.environments.contract import Place
from computes.environments.folder_place import FolderPlace
from computes.errors import PreparationFailed
from computes.machines.contract import Machine
from computes.machines.local import LocalMachine

SSH_MACHINE = ("computes.machines.ssh.machine", "SshMachine")
SSH_SOCKET = ("computes.machines.ssh.tunnel", "forwarded_socket")
VOLUME_PLACE = ("computes.executors.docker.volume_place", "VolumePlace")
ENGINE = ("computes.executors.docker.engine", "Engine")


def place_to_json(kind: str, settings: TargetSettings, installation_id: str) -> dict[str, Any]:
    """Return the plain data of a place, credentials included."""
    return {"kind": kind, "installation_id": installation_id, "settings": asdict(settings)}


def place_from_json(data: Mapping[str, Any]) -> Place:
    """Return the place of plain data. Raises PreparationFailed for a kind that this installation does not have."""
    settings = settings_from_json(data["settings"])
    if data["kind"] == "folder":
        return FolderPlace(machine_for(settings), settings.work_folder, data["installation_id"])
    if data["kind"] == "volume":
        return _volumes(settings, data["installation_id"])
    raise PreparationFailed(
        f"{data['kind']!r} is not a kind of place for environments.",
        "Use `folder` or `volume`; tell the administrator.",
    )


def _volumes(settings: TargetSettings, installation_id: str) -> Place:
    """Return the volumes of a target's engine. A build needs a network also where the target's runs have none."""
    container = settings.container
    if container is None:
        raise PreparationFailed(
            f"The target {settings.name} has no container engine.", "Let an administrator correct the target's type."
        )
    socket = container.socket
    if settings.ssh is not None:
        socket = _part(SSH_SOCKET, "containers over SSH")(settings.ssh, container.socket)
    network = Network.DEFAULT if container.network is Network.NONE else container.network
    engine = _part(ENGINE, "Docker volumes")(socket)
    place: Place = _part(VOLUME_PLACE, "Docker volumes")(engine, container.image, installation_id, network)
    return place


def machine_for(settings: TargetSettings) -> Machine:
    """Return the machine of a target."""
    if settings.ssh is None:
        return LocalMachine()
    machine: Machine = _part(SSH_MACHINE, "machines over SSH")(settings.ssh)
    return machine


def _part(name: tuple[str, str], what: str) -> Any:
    module, attribute = name
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ModuleNotFoundError, AttributeError) as error:
        raise PreparationFailed(
            f"This installation cannot keep environments in {what}: {error}.", "Update amlweb, or use another target."
        ) from error


def settings_from_json(data: Mapping[str, Any]) -> TargetSettings:
    """Return the settings of plain data."""
    whole = dict(data)
    ssh, container = whole.pop("ssh"), whole.pop("container")
    return TargetSettings(
        **whole,
        ssh=_access(ssh) if ssh else None,
        container=_containers(container) if container else None,
    )


def _access(data: Mapping[str, Any]) -> SshAccess:
    whole = dict(data)
    jumps, keys = whole.pop("jumps"), whole.pop("host_keys")
    return SshAccess(**whole, host_keys=tuple(keys), jumps=tuple(_access(jump) for jump in jumps))


def _containers(data: Mapping[str, Any]) -> ContainerSettings:
    whole = dict(data)
    login, network = whole.pop("login"), whole.pop("network")
    return ContainerSettings(**whole, network=Network(network), login=RegistryLogin(**login) if login else None)
