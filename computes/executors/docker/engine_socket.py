"""Where the engine of a target is reached from here."""

from computes.contract import TargetSettings
from computes.executors.docker.run_in_container import base_of
from computes.machines import ssh


def engine_socket(settings: TargetSettings) -> str:
    """Return the path of a socket on this server that leads to a target's engine: its own, or one that is forwarded
    over SSH. Raises TargetUnreachable, and StartFailed for a target that makes no containers."""
    socket = base_of(settings).socket
    if settings.ssh is None:
        return socket
    return ssh.forwarded_socket(settings.ssh, socket)
