"""What a project's own `.compute` file may say instead of a shared target: image, volumes, no GPUs, the share folder,
where on a cluster of YARN the driver lives.

Never the address, user, credential, interpreter or limits. In containers the share folder is the administrator's alone,
because it is mounted from the host; and GPUs can be left out, but not taken where the administrator gave none.
"""

from collections.abc import Mapping
from typing import Any

from computes.models import ComputeTarget
from computes.registry import ALIASES
from computes.spark_master import takes_deploy_mode
from projects.aml_config.compute_file import ComputeFile
from projects.aml_config.compute_keys import COMPUTE_KEYS
from projects.aml_config.folder import AmlConfig

Overrides = Mapping[str, Any]

COMPARED_KEYS: Mapping[str, str] = {
    "username": "username",
    "userManagedEnvironment": "user_managed_environment",
    "pythonLocation": "python_location",
    "nativeSharedDirectory": "native_shared_directory",
}
COMPARED_CLUSTER_KEYS: Mapping[str, tuple[str, str]] = {
    "yarnDeployMode": ("yarn_deploy_mode", "yarn_deploy_mode"),
    "sparkMaster": ("spark_master", "spark_master"),
    "queue": ("queue", "yarn_queue"),
    "proxyUser": ("proxy_user", "livy_proxy_user"),
    "storageFolder": ("storage_folder", "work_folder"),
    "storageUri": ("storage_uri", "storage_uri"),
}


def overrides_for(target: ComputeTarget, file: ComputeFile | None) -> Overrides:
    """Return what a run gets instead of the target's own: fields of ContainerSettings or of ClusterSettings, or
    `native_shared_directory`."""
    said: dict[str, Any] = {}
    if file is None:
        return said
    if target.is_in_containers:
        if file.base_docker_image and file.base_docker_image != target.base_docker_image:
            said["image"] = file.base_docker_image
        if "sharedVolumes" in file.given and file.shared_volumes != target.shared_volumes:
            said["is_shared"] = file.shared_volumes
        if "nvidiaDocker" in file.given and not file.nvidia_docker and target.gpus:
            said["gpus"] = ""
    elif target.kind == ComputeTarget.Kind.LOCAL:
        folder = file.native_shared_directory
        if folder and folder != target.native_shared_directory:
            said["native_shared_directory"] = folder
    elif _chooses_deploy_mode(target, file):
        said["deploy_mode"] = file.yarn_deploy_mode
    return said


def own_image(target: ComputeTarget, config: AmlConfig) -> str:
    """Return the base image that a project names instead of a target's, empty where it names none."""
    return str(overrides_for(target, config.computes.get(target.name)).get("image", ""))


def overruled_keys(target: ComputeTarget, file: ComputeFile) -> tuple[str, ...]:
    """Return the given keys that say something else than the target and change nothing: the target's word holds."""
    kind = ALIASES.get(target.kind, target.kind)
    keys = [
        key
        for key, (name, column) in _compared(target, file).items()
        if key in file.given and kind in COMPUTE_KEYS[key].applies_to
        if getattr(file, name) != getattr(target, column)
    ]
    if target.kind == ComputeTarget.Kind.LIVY and file.address and file.address.rstrip("/") != target.livy_url:
        keys.insert(0, "address")
    if target.is_over_ssh and file.address and file.address not in (target.address, f"{target.address}:{target.port}"):
        keys.insert(0, "address")
    if target.is_in_containers and file.gpus and file.gpus != target.gpus and (file.gpus != "all" or not target.gpus):
        keys.append("nvidiaDocker")
    return tuple(keys)


def _chooses_deploy_mode(target: ComputeTarget, file: ComputeFile) -> bool:
    """Return whether a file says where the driver lives, and that counts: YARN alone leaves a choice."""
    is_free = target.kind == ComputeTarget.Kind.CLUSTER and takes_deploy_mode(target.spark_master)
    return is_free and "yarnDeployMode" in file.given and file.yarn_deploy_mode != target.yarn_deploy_mode


def _compared(target: ComputeTarget, file: ComputeFile) -> dict[str, tuple[str, str]]:
    """Return for each key that the target's word holds for: its name in the file and in the row."""
    overridden = overrides_for(target, file)
    compared = {key: (name, name) for key, name in COMPARED_KEYS.items() if name not in overridden}
    if target.kind == ComputeTarget.Kind.LIVY:
        compared["username"] = ("username", "livy_username")
    if target.is_cluster:
        compared |= COMPARED_CLUSTER_KEYS
    if "deploy_mode" in overridden:
        del compared["yarnDeployMode"]
    return compared
