"""Gives a host over SSH that has no Python a Python for the supervisor, from the channels that packages come from.

It is solved for what the host says of itself, linked here for its path there, and unpacked by tar. Nothing on the host
is needed but a POSIX shell and tar, and nothing beside `<work folder>/python/<hash>` is touched.
"""

from pathlib import Path

from computes.contract import SshAccess
from computes.environments.contract import EnvironmentSpec, Lock, LogLine, PackageSources, Platform
from computes.environments.fitting import require_processor
from computes.environments.linking import linked_prefix
from computes.environments.platform_probe import measure_platform
from computes.environments.prefix_tar import tar_of_prefix
from computes.environments.solving import solve
from computes.environments.stopping import ShouldStop
from computes.errors import NoPython
from computes.machines import ssh
from computes.machines.ssh.own_python import LAST_NAME

CHANNELS = ("conda-forge",)
PYTHON = "python >=3.9"
SOURCE = "the Python that amlweb brings"


def ensure_python(
    access: SshAccess,
    sources: PackageSources,
    cache_folder: Path,
    log: LogLine,
    should_stop: ShouldStop,
    for_lock: Lock | None = None,
) -> bool:
    """Bring a Python to a host on which none is found; return whether that was needed. Nothing is brought for a lock
    that is for another processor.

    Raises TargetUnreachable, PreparationFailed, PreparationStopped and TransferFailed.
    """
    try:
        ssh.SshMachine(access).interpreter()
        return False
    except NoPython:
        log("The host has no Python 3.6 or newer, so amlweb brings its own.")
    with ssh.BareHost(access) as host:
        platform = measure_platform(host.answer)
        if for_lock is not None:
            require_processor(for_lock, platform)
        lock = python_lock(platform, sources, cache_folder, log, should_stop)
        prefix = f"{host.python_folder()}/{lock.hash}"
        with linked_prefix(lock.packages, lock.platform.subdir, prefix, sources, cache_folder, should_stop) as linked:
            (linked.folder / LAST_NAME).touch()
            host.unpack_python(lock.hash, tar_of_prefix(linked.folder, prefix, should_stop))
    log(f"The supervisor runs on {prefix}/bin/python3 from now on.")
    return True


def python_lock(
    platform: Platform, sources: PackageSources, cache_folder: Path, log: LogLine, should_stop: ShouldStop
) -> Lock:
    """Return the packages of a Python for a platform. Raises PreparationFailed."""
    spec = EnvironmentSpec(CHANNELS, (PYTHON,), (), source=SOURCE)
    return solve(spec, platform, sources, None, log, cache_folder=cache_folder, should_stop=should_stop)
