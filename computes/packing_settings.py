"""How environments are made for nodes that nobody can look at: by the target, and by the installation's settings."""

from pathlib import Path

from django.conf import settings

from computes.environments.contract import PackingSettings
from computes.environments.cuda import said_cuda
from computes.models import ComputeTarget

OF_GLIBC = "CONDA_OVERRIDE_GLIBC"
OLDEST_GLIBC = "2.17"


def packing_settings(target: ComputeTarget) -> PackingSettings:
    """Return where the environments of a target are built on this server, what they must fit, and how large they may
    become."""
    folder = Path(settings.DATA_DIR) / "packing" / str(target.pk)
    cuda = said_cuda(target.environment_variables) or ""
    return PackingSettings(str(folder), glibc_of_nodes(target), settings.PACKED_ENVIRONMENT_BYTES, cuda)


def glibc_of_nodes(target: ComputeTarget) -> str:
    """Return the C library that the nodes have: by the target's variable that conda itself looks at, else the oldest
    one that conda packages are made for."""
    said = target.environment_variables.get(OF_GLIBC)
    return str(said).strip() if said else OLDEST_GLIBC
