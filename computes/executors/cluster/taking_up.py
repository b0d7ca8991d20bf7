"""Followers that were killed: how their run ended by their own word, or that another one goes on."""

import json
from dataclasses import replace

from computes.contract import Condition, ExitRecord, RunAddress, RunFolderStatus
from computes.errors import TargetError
from computes.executors.answers import exit_record_of
from computes.executors.run_placing import ask
from computes.in_run.amlweb_cluster.on_nodes.settle import MARK, SCRATCH
from computes.in_run.amlweb_cluster.on_nodes.taking_up import END, HANDED, UNHANDED
from computes.machines.contract import Machine
from computes.work_folder import WorkFolder

MOST_TIMES = 5
LONGEST_RECORD_BYTES = 65536


def was_killed(status: RunFolderStatus) -> bool:
    """Return whether a follower, or its supervisor, may have been killed by somebody else than us."""
    if status.exit is None:
        return status.condition == Condition.LOST
    return status.exit.signal is not None and not status.exit.ended_by


def after_a_kill(machine: Machine, address: RunAddress, status: RunFolderStatus) -> RunFolderStatus | None:
    """Return how a run ended whose follower was killed; None where it has to be looked at again, because another one
    was started: it takes up the application, or begins anew where spark-submit had certainly not been started. The
    launch lock on the head node lets one at a time be started, and at most MOST_TIMES of a run.

    Raises TargetError where the head node does not answer, or cannot start another one now.
    """
    folder = WorkFolder(machine, address.settings)
    scratch = f"{folder.run_folder(address)}/{SCRATCH}"
    if (end := end_in(machine, scratch)) is not None:
        known = status.exit or replace(end, log_bytes=status.log_bytes)
        record = replace(known, code=end.code, signal=end.signal, out_of_memory=end.out_of_memory)
        return replace(status, condition=Condition.EXITED, exit=record, why="", supervised=True)
    says_more = any(machine.stat(f"{scratch}/{name}") is not None for name in (UNHANDED, HANDED))
    if not says_more or machine.stat(f"{scratch}/{MARK}") is not None:
        return status
    if ask(folder, "resume", folder.run_folder(address), str(MOST_TIMES))["answer"] == "failed":
        raise TargetError("The follower of the run could not be started again.", "It is tried again by itself.")
    return None


def end_in(machine: Machine, scratch: str) -> ExitRecord | None:
    """Return how a follower wrote that its run ends; None where it came to no end."""
    try:
        found = json.loads(machine.read(f"{scratch}/{END}", 0, LONGEST_RECORD_BYTES))
        return exit_record_of(found)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError):
        return None
