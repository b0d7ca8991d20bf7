"""ProcessExecutor: Python scripts as plain processes under the supervisor."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from computes.contract import (
    CheckItem,
    Collected,
    Condition,
    EnvironmentRecord,
    ExecutionRequest,
    RunAddress,
    RunFolderStatus,
    StopReceipt,
    Stream,
    SystemLog,
    TargetSettings,
)
from computes.errors import CollectionFailed, TargetDiskFull, TargetError, TransferFailed
from computes.executors.answers import answer_of, raise_unless_started, receipt_of, status_of
from computes.executors.code import code_files
from computes.executors.interpreter import InterpreterCache
from computes.executors.native_environment import in_its_environment
from computes.executors.specification import specification_of, to_bytes
from computes.executors.target_check import check_target
from computes.machines.contract import CollectionLimits, Machine
from computes.supervisor import BOOT
from computes.work_folder import WorkFolder

VERB_SECONDS = 60.0
DAMAGED = "The records in the run folder are damaged; the script may have written over them."
SPECIFICATION_LIMIT_BYTES = 8 * 1024**2


class ProcessExecutor:
    """Runs scripts on a machine with an interpreter that its user manages there, or in an environment of ours."""

    def __init__(self, machine: Machine, collection_limits: CollectionLimits | None = None) -> None:
        self.machine = machine
        self.collection_limits = collection_limits or CollectionLimits()
        self.interpreters = InterpreterCache()

    def check(self, settings: TargetSettings) -> Iterator[CheckItem]:
        """Yield each finding as soon as it is known: first the way to the machine, then what it has."""
        if (yield from self.machine.check_contact()):
            yield from check_target(self.machine, settings)

    def prepare(self, request: ExecutionRequest, log: SystemLog) -> EnvironmentRecord | None:
        """Nothing to make ready: the user manages the interpreter, which is described after the run."""
        return None

    def start(self, request: ExecutionRequest) -> None:
        """Place the code and start the program; return when it is spawned.

        A run that was started before, running or ended, is found and left as it is. Raises StartRefused for a run
        that was stopped or cleaned up before it started.
        """
        address = request.address
        folder = WorkFolder(self.machine, address.settings)
        run_folder = folder.run_folder(address)
        folder.open(address.installation_id)
        if self.machine.look(run_folder)["answer"] != Condition.ABSENT:
            return
        request = in_its_environment(request, self.machine)
        specification = specification_of(request, self.machine, run_folder, folder.in_run())
        self.require_space(folder.path, request.limits.free_space_floor_bytes)
        try:
            self.machine.make_folder(run_folder)
            self.machine.place_folder(f"{run_folder}/code", code_files(request), ("outputs",))
            self.machine.write(f"{run_folder}/spec.json", to_bytes(specification))
            if request.secrets:
                self.machine.write(f"{run_folder}/secrets.json", to_bytes(request.secrets))
        except TransferFailed:
            if not self.was_overtaken(run_folder):
                raise
        raise_unless_started(self.ask(folder, "start", run_folder), address.settings.python_location)

    def poll(self, address: RunAddress) -> RunFolderStatus:
        """Look at the run folder. What the folder does not say is UNREACHABLE unless our mark is beside it."""
        try:
            folder = WorkFolder(self.machine, address.settings)
            status = status_of(self.machine.look(folder.run_folder(address)))
            if status.condition in (Condition.ABSENT, Condition.LOST):
                folder.require(address.installation_id)
        except TargetError as error:
            return RunFolderStatus(Condition.UNREACHABLE, why=error.text)
        except (LookupError, TypeError, ValueError, AttributeError):
            return RunFolderStatus(Condition.UNREACHABLE, why=DAMAGED)
        return status

    def read(self, address: RunAddress, stream: Stream, offset: int, limit: int) -> bytes:
        """Return at most `limit` bytes of a stream from a byte offset; empty at its end."""
        return self.machine.read(f"{self.run_folder(address)}/{stream.value}", offset, limit)

    def link_log(self, address: RunAddress, into: Path) -> bool:
        """Hard-link the log where disk and owner are the same. Not for runs with secrets: theirs must be masked."""
        return self.machine.link(f"{self.run_folder(address)}/{Stream.LOG.value}", into)

    def stop(self, address: RunAddress, grace_seconds: float) -> StopReceipt:
        """Ask for the end and return at once: TERM, the grace, KILL. A run that has not started never will."""
        folder = WorkFolder(self.machine, address.settings)
        folder.open(address.installation_id)
        return receipt_of(self.ask(folder, "stop", folder.run_folder(address), f"{max(0.0, grace_seconds):g}"))

    def collect(self, address: RunAddress, into: Path) -> list[Collected]:
        """Copy `outputs/`; links, devices, pipes and names that cannot be kept are listed with a reason."""
        return self.machine.download_tree(f"{self.run_folder(address)}/code/outputs", into, self.collection_limits)

    def describe(self, address: RunAddress) -> EnvironmentRecord:
        """Return interpreter and packages, asked in the run's own environment without its secrets."""
        data = self.machine.read(f"{self.run_folder(address)}/spec.json", 0, SPECIFICATION_LIMIT_BYTES)
        try:
            specification = json.loads(data)
            interpreter = str(specification["argv"][0])
            environment = {str(name): str(value) for name, value in specification["environment"].items()}
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise CollectionFailed(
                "The run folder is gone or damaged, so its interpreter cannot be asked.",
                "Nothing is to be done; run it again if you need to know its packages.",
            ) from error
        return self.interpreters.describe(self.machine, interpreter, environment)

    def clean_up(self, address: RunAddress) -> None:
        """Remove the run folder and leave a tombstone. Raises TargetError while the program lives."""
        folder = WorkFolder(self.machine, address.settings)
        folder.open(address.installation_id)
        answer = self.machine.clean_up(folder.run_folder(address))["answer"]
        if answer != "clean":
            reason = "its program is alive" if answer == "alive" else "a launch of it does not let go of its lock"
            raise TargetError(f"The run folder was not removed: {reason}.", "Stop the run first.")

    def run_folder(self, address: RunAddress) -> str:
        """Return the run's folder on the target."""
        return WorkFolder(self.machine, address.settings).run_folder(address)

    def was_overtaken(self, run_folder: str) -> bool:
        """Return whether another start or a clean-up came first: both remove what a later start is placing."""
        return self.machine.stat(run_folder) is None or self.machine.stat(f"{run_folder}/state.json") is not None

    def require_space(self, path: str, floor_bytes: int) -> None:
        """Raise TargetDiskFull where the supervisor would have to end the run at once."""
        free = self.machine.free_bytes(path)
        if free < floor_bytes:
            raise TargetDiskFull(
                f"Only {free / 1024**2:,.0f} MiB are free in the target's work folder; "
                f"a run needs {floor_bytes / 1024**2:,.0f} MiB.",
                "Free disk space on the target, then run again.",
            )

    def ask(self, folder: WorkFolder, verb: str, *arguments: str) -> dict[str, Any]:
        """Run one verb of the supervisor, in an environment that holds nothing of the server's."""
        argv = [self.machine.interpreter(), "-I", "-S", "-c", BOOT, folder.supervisor(), verb, *arguments]
        result = self.machine.run(argv, environment=self.machine.environment(), deadline_seconds=VERB_SECONDS)
        return answer_of(result)
