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
        "address": file.address,
        "username": file.username,
        "base_docker_image": file.base_docker_image,
        "native_shared_directory": file.native_shared_directory,
        "python_location": file.python_location,
        "shared_volumes": file.shared_volumes,
        "user_managed_environment": file.user_managed_environment,
        "gpus": "all" if file.nvidia_docker else None,
    }
    return {name: value for name, value in said.items() if value is not None}
