"""Placing a run on a machine, and asking the supervisor there: what executors with a run folder share."""

from collections.abc import Mapping
from typing import Any

from computes.contract import ExecutionRequest, RunAddress
from computes.errors import TargetDiskFull, TargetError, TargetUnreachable
from computes.executors.answers import answer_of
from computes.executors.code import code_files
from computes.executors.specification import to_bytes
from computes.machines import placing
from computes.machines.contract import BeforeStart, PlacedRun
from computes.supervisor import BOOT
from computes.work_folder import WorkFolder

VERB_SECONDS = 60.0


def place_run(folder: WorkFolder, request: ExecutionRequest, specification: Mapping[str, Any], run_folder: str) -> None:
    """Place code, specification and secrets in a folder for the run. Raises TargetDiskFull and TransferFailed.

    A start that another start or a clean-up overtakes places nothing more, and says nothing: the supervisor decides.
    """
    machine = folder.machine
    require_space(machine.free_bytes(folder.path), request.limits.free_space_floor_bytes)
    placing.place_run(machine, placed_run(request, specification, run_folder))


def look_before_start(folder: WorkFolder, address: RunAddress, location: str) -> BeforeStart:
    """Look at all that a start depends on, our own code included. A new work folder gets our mark."""
    wanted = (address.installation_id, folder.run_folder(address), location, folder.own_paths())
    found = folder.machine.before_start(folder.path, *wanted)
    if found is None:
        folder.open(address.installation_id)
        found = folder.machine.before_start(folder.path, *wanted)
    if found is None:
        raise TargetUnreachable(
            f"The work folder {folder.path} does not keep our mark.", "Let an administrator check the work folder."
        )
    return found


def placed_run(request: ExecutionRequest, specification: Mapping[str, Any], run_folder: str) -> PlacedRun:
    """Return what a run folder holds at the start."""
    records = {"spec.json": to_bytes(specification)}
    if request.secrets:
        records["secrets.json"] = to_bytes(request.secrets)
    return PlacedRun(run_folder, code_files(request), records, ("outputs",))


def require_space(free: int, floor_bytes: int) -> None:
    """Raise TargetDiskFull where the supervisor would have to end the run at once."""
    if free < floor_bytes:
        raise TargetDiskFull(
            f"Only {free / 1024**2:,.0f} MiB are free in the target's work folder; "
            f"a run needs {floor_bytes / 1024**2:,.0f} MiB.",
            "Free disk space on the target, then run again.",
        )


def remove_run(folder: WorkFolder, address: RunAddress) -> None:
    """Remove the run folder and leave a tombstone. Raises TargetError while the program lives."""
    folder.open(address.installation_id)
    answer = folder.machine.clean_up(folder.run_folder(address))["answer"]
    if answer != "clean":
        reason = "its program is alive" if answer == "alive" else "a launch of it does not let go of its lock"
        raise TargetError(f"The run folder was not removed: {reason}.", "Stop the run first.")


def ask(folder: WorkFolder, verb: str, *arguments: str) -> dict[str, Any]:
    """Run one verb of the supervisor, in an environment that holds nothing of the server's."""
    machine = folder.machine
    argv = [machine.interpreter(), "-I", "-S", "-c", BOOT, folder.supervisor(), verb, *arguments]
    result = machine.run(argv, environment=machine.environment(), deadline_seconds=VERB_SECONDS)
    return answer_of(result)
