"""Why an engine behind SSH is silent: a forwarded socket breaks off without a word, but its host can tell."""

from computes.contract import TargetSettings
from computes.errors import TargetError, TargetUnreachable
from computes.executors.docker.engine import Engine
from computes.executors.docker.engine_errors import silence
from computes.executors.docker.run_in_container import base_of
from computes.machines import ssh
from computes.machines.contract import Machine

CONNECT = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
LONGEST_SECONDS = 10.0


def open_engine(machine: Machine, settings: TargetSettings, socket: str) -> Engine:
    """Return the engine behind a socket of this server that leads to a target's. Raises TargetUnreachable."""
    try:
        return Engine(socket)
    except TargetUnreachable as error:
        raise as_the_host_says(machine, settings, error) from error


def as_the_host_says(machine: Machine, settings: TargetSettings, error: TargetUnreachable) -> TargetUnreachable:
    """Return the error in the words of the target's host where its engine is reached over SSH.

    The tunnel is closed then: rights that an account was given meanwhile count from a new login.
    """
    if settings.ssh is None:
        return error
    there = base_of(settings).socket
    try:
        argv = [machine.interpreter(), "-I", "-S", "-c", CONNECT, there]
        done = machine.run(argv, environment=machine.environment(), deadline_seconds=LONGEST_SECONDS)
    except TargetError:
        return error
    said = done.errors.decode(errors="replace").strip()
    if done.code == 0 or "Permission denied" in said:
        ssh.close_tunnel(settings.ssh, there)
    return error if done.code == 0 else silence(OSError(said.splitlines()[-1] if said else "it said nothing"))
