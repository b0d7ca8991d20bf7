"""What a project's `.compute` file says to begin with, when an administrator attaches the target that it names."""

from typing import Any

from computes.models import ComputeTarget
from projects.aml_config.compute_file import ComputeFile

KINDS: dict[str, str] = {"docker": ComputeTarget.Kind.LOCAL_DOCKER.value}


def kind_of_file(file: ComputeFile) -> str:
    """Return the kind under which such a target is stored."""
    return KINDS.get(file.kind, file.kind)


def initial_of_file(file: ComputeFile) -> dict[str, Any]:
    """Return the first values of the form's fields: those that the file gives. It never holds a secret."""
    said = {
        "name": file.name,
        "base_docker_image": file.base_docker_image,
        "python_location": file.python_location,
        "shared_volumes": file.shared_volumes,
        "user_managed_environment": file.user_managed_environment,
        "gpus": file.gpus or None,
        **(_of_livy(file) if file.kind == "livy" else _of_host(file)),
    }
    return {name: value for name, value in said.items() if value is not None}


def _of_host(file: ComputeFile) -> dict[str, Any]:
    """Return what says where programs run, on this machine, on another one or on the head node of a cluster."""
    return {
        "address": file.address,
        "username": file.username,
        "native_shared_directory": file.native_shared_directory,
        "yarn_deploy_mode": file.yarn_deploy_mode if "yarnDeployMode" in file.given else None,
        "spark_master": file.spark_master,
        "yarn_queue": file.queue,
    }


def _of_livy(file: ComputeFile) -> dict[str, Any]:
    """Return where Livy and the storage are."""
    return {
        "livy_url": file.address,
        "livy_username": file.username,
        "livy_proxy_user": file.proxy_user,
        "work_folder": file.storage_folder,
        "storage_uri": file.storage_uri,
        "yarn_queue": file.queue,
    }
