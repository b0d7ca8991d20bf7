"""Ending for certain what a follower on the head node has left: its application, and the run in the storage."""

from computes.contract import Condition, RunAddress, RunFolderStatus
from computes.errors import TargetError
from computes.executors.answers import answer_of
from computes.executors.plain_text import plain
from computes.in_run.amlweb_cluster.on_nodes import SETTLE
from computes.machines.contract import Machine
from computes.work_folder import WorkFolder

SECONDS = 150.0
ENDED = (Condition.EXITED, Condition.LOST)


def settle(machine: Machine, address: RunAddress, status: RunFolderStatus) -> None:
    """Settle an ended run that its follower has not settled. Raises TargetError where YARN or the storage is silent:
    the run folder says where to look, so it has to stay."""
    folder = WorkFolder(machine, address.settings)
    run_folder = folder.run_folder(address)
    if status.condition not in ENDED or machine.stat(f"{run_folder}/spark/settled") is not None:
        return
    if machine.stat(f"{run_folder}/spec.json") is None:
        return
    argv = [machine.interpreter(), "-I", "-c", SETTLE, folder.in_run(), run_folder]
    answer = answer_of(machine.run(argv, environment=machine.environment(), deadline_seconds=SECONDS))
    if answer["answer"] != "settled":
        raise TargetError(
            f"The application of the run may still be there: {plain(answer.get('why', ''))}",
            "It is tried again; look whether YARN and the storage of the target answer on the head node.",
        )
