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
    Framework,
    RunAddress,
    RunFolderStatus,
    StopReceipt,
    Stream,
    SystemLog,
    TargetSettings,
)
from computes.errors import CollectionFailed, TargetError
from computes.executors.answers import raise_unless_started, receipt_of, status_of
from computes.executors.interpreter import InterpreterCache
from computes.executors.native_environment import in_its_environment
from computes.executors.run_placing import ask, look_before_start, placed_run, remove_run, require_space
from computes.executors.spark.discovery import ask_machine, require, what_counts
from computes.executors.specification import Surroundings, program_of, specification_of
from computes.executors.target_check import check_target
from computes.machines.contract import CollectionLimits, Machine, PlacedRun
from computes.work_folder import WorkFolder

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
        that was stopped or cleaned up before it started, and PreparationFailed where a PySpark script finds no Spark.
        """
        address = request.address
        folder = WorkFolder(self.machine, address.settings)
        run_folder = folder.run_folder(address)
        found = look_before_start(folder, address, address.settings.python_location)
        if found.status["answer"] == Condition.STARTING:  # by another start, whose answer is ours
            answer = self.machine.start_run(PlacedRun(run_folder, (), {}))
            raise_unless_started(answer, address.settings.python_location)
        if found.status["answer"] != Condition.ABSENT:
            return
        request = in_its_environment(request, self.machine)
        settings = request.address.settings
        interpreter = settings.python_location if request.environment_hash else found.program or ""
        if not found.has_own:
            folder.place_own()
        in_run, _ = folder.own_paths()
        specification = specification_of(request, self.machine, run_folder, in_run, self.program, interpreter)
        if request.framework == Framework.PYSPARK:
            location, environment = address.settings.spark_submit_location, specification["environment"]
            require(ask_machine(self.machine, specification["argv"][0], location, what_counts(environment)))
        require_space(found.free_bytes, request.limits.free_space_floor_bytes)
        answer = self.machine.start_run(placed_run(request, specification, run_folder))
        raise_unless_started(answer, address.settings.python_location)

    def program(self, request: ExecutionRequest, surroundings: Surroundings, script: list[str]) -> dict[str, Any]:
        """Return what the supervisor starts, as its specification says it."""
        return program_of(request, surroundings, script)

    def poll(self, address: RunAddress) -> RunFolderStatus:
        """Look at the run folder. What the folder does not say is UNREACHABLE unless our mark is beside it."""
        try:
            folder = WorkFolder(self.machine, address.settings)
            status = status_of(self.machine.look(folder.run_folder(address)))
            if status.condition in (Condition.ABSENT, Condition.LOST):
                folder.require(address.installation_id)
        except TargetError as error:
            return RunFolderStatus(Condition.UNREACHABLE, why=error.text, remedy=error.remedy)
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
        return receipt_of(ask(folder, "stop", folder.run_folder(address), f"{max(0.0, grace_seconds):g}"))

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
        remove_run(WorkFolder(self.machine, address.settings), address)

    def run_folder(self, address: RunAddress) -> str:
        """Return the run's folder on the target."""
        return WorkFolder(self.machine, address.settings).run_folder(address)
