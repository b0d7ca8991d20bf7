"""From a target's row to the first values of the form that edits it."""

from typing import Any

from computes.attaching import EDITABLE
from computes.models import ComputeTarget
from computes.ssh_address import SshAddress


def initial_of(target: ComputeTarget) -> dict[str, Any]:
    """Return what the form's fields show. No secret is among it."""
    facts = {name: getattr(target, name) for name in EDITABLE}
    return facts | {"address": str(SshAddress(target.address, target.port)) if target.address else ""}
