"""Removing what is left of a run that has ended or that nobody knows: stopped first where it lives, then cleaned up.

Plain Python, no Django. All of it goes by the run's own launch lock and tombstone, so that a launch that froze and
thaws afterwards starts nothing. Raises `computes.errors.TargetError`.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from computes.contract import RunAddress, TargetSettings
from computes.environments.place_factory import machine_for
from computes.errors import TargetError, TargetUnreachable
from computes.registry import executor_for, framework_on
from computes.shared_storage.mark import require_mark
from computes.shared_storage.storages import storage_of
from computes.shared_storage.sweeping import sweep_storage
from computes.work_folder import WorkFolder


def clean_remains(address: RunAddress, framework: str, grace_seconds: float) -> str:
    """Remove the run folder, container, volume and processes of a run. Returns nothing when they are gone, else what
    is in the way for now: a program that lives is stopped, and ends within the grace.

    Raises TargetUnreachable where our mark is not in the work folder: nothing is known of an unmounted disk.
    `framework` is how it was started where that is known; a kind of target that runs another one only takes that.
    """
    settings = address.settings
    if settings.livy is not None:
        require_mark(storage_of(settings, settings.livy), address.installation_id)
        return end_and_remove(address, framework, grace_seconds)
    machine = machine_for(settings)
    work_folder = WorkFolder(machine, settings)
    work_folder.require(address.installation_id)
    if settings.container is not None:
        in_engine: Callable[[RunAddress], RunAddress] = _docker("remains").as_it_is_kept
        address = in_engine(address)
    if obstacle := end_and_remove(address, framework, grace_seconds):
        return obstacle
    machine.end_processes(work_folder.run_folder(address))
    return ""


def end_and_remove(address: RunAddress, framework: str, grace_seconds: float) -> str:
    """Have a run's executor remove what is left, or end what lives; return what is in the way for now."""
    settings = address.settings
    executor = executor_for(settings, framework_on(settings.kind, framework))
    try:
        executor.clean_up(address)
    except TargetUnreachable:
        raise
    except TargetError as error:
        executor.stop(address, grace_seconds)
        return error.text
    return ""


def remove_stray_container(settings: TargetSettings, installation_id: str, container: str) -> None:
    """Remove a container of ours that belongs to no run; one that is gone or not ours is left alone."""
    _docker("remains").remove_stray(settings, installation_id, container)


def sweep_shared_storage(settings: TargetSettings, installation_id: str) -> int:
    """Remove what no run needs any more from the storage that a cluster shares with us; return the bytes that are free
    now. Nothing on other kinds of targets."""
    return sweep_storage(storage_of(settings, settings.livy), installation_id) if settings.livy is not None else 0


def sweep_caches(settings: TargetSettings, older_than_days: int, most_bytes: int | None = None) -> int:
    """Remove cached contents and packages that nobody has wanted for so many days, and more until the rest is small
    enough; return the bytes that are free now. There are none in a storage that a cluster shares."""
    if settings.livy is not None:
        return 0
    machine = machine_for(settings)
    return machine.sweep(WorkFolder(machine, settings).path, older_than_days * 86400.0, most_bytes)


def _docker(name: str) -> Any:
    """Return a module about containers, whose library is loaded where it is needed."""
    return import_module(f"computes.executors.docker.{name}")
