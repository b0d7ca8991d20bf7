"""ClusterExecutor: PySpark scripts that are submitted on the head node of a cluster, under the supervisor there."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from computes.cluster_contract import ClusterSettings
from computes.contract import (
    CheckItem,
    Condition,
    EnvironmentRecord,
    ExecutionRequest,
    RunAddress,
    RunFolderStatus,
    StopReceipt,
    TargetSettings,
)
from computes.environments.folder_place import FolderPlace
from computes.errors import CollectionFailed, TargetError
from computes.executors.cluster.check import check_cluster
from computes.executors.cluster.homes import with_homes
from computes.executors.cluster.on_nodes import MARGIN_SECONDS, Pace, Submission
from computes.executors.cluster.packer import place_packer
from computes.executors.cluster.program import Pack, cluster_program
from computes.executors.cluster.settling import settle
from computes.executors.cluster.taking_up import after_a_kill, was_killed
from computes.executors.interpreter import checked
from computes.executors.process import ProcessExecutor
from computes.executors.specification import Surroundings
from computes.machines.contract import CollectionLimits, Machine
from computes.spark_master import has_executors
from computes.work_folder import WorkFolder

DESCRIPTION_BYTES = 4 * 1024**2


class ClusterExecutor(ProcessExecutor):
    """Runs spark-submit. The driver lives beside it, or on a node of YARN, from where a follower on the head node
    brings what it leaves. The driver's exit code is the outcome of the run: the word of a cluster is shown, and
    believed only where there is no other (a master of Spark's own says FINISHED also of failures)."""

    def __init__(
        self, machine: Machine, collection_limits: CollectionLimits | None = None, pace: Pace | None = None
    ) -> None:
        super().__init__(machine, collection_limits)
        self.pace = pace or Pace()

    def check(self, settings: TargetSettings) -> Iterator[CheckItem]:
        """Yield each finding as soon as it is known: the way to the head node, what it has, then the cluster."""
        if (yield from self.machine.check_contact()):
            yield from check_cluster(self.machine, settings)

    def start(self, request: ExecutionRequest) -> None:
        """Place the code and start what becomes spark-submit; return when it is spawned.

        Raises StartFailed for what a cluster does not do, and all that ProcessExecutor raises.
        """
        settings = with_homes(self.machine, request.address.settings)
        at_home = replace(request, address=replace(request.address, settings=settings))
        if is_on_nodes(settings):
            pack = pack_of(self.machine, request)
            Submission(self.machine, self.collection_limits, request, pack, self.pace).start(at_home)
        else:
            super().start(at_home)

    def poll(self, address: RunAddress) -> RunFolderStatus:
        """Look at the run folder. A follower of a driver on a node that was killed is started again, and takes up the
        application: that is done by whoever looks first, and by one alone."""
        status = super().poll(address)
        if not (is_on_nodes(address.settings) and was_killed(status)):
            return status
        try:
            return after_a_kill(self.machine, address, status) or super().poll(address)
        except TargetError as error:
            return RunFolderStatus(Condition.UNREACHABLE, why=error.text, remedy=error.remedy)

    def program(self, request: ExecutionRequest, surroundings: Surroundings, script: list[str]) -> dict[str, Any]:
        """Return what the supervisor starts."""
        cluster = cluster_of(request.address.settings)
        return cluster_program(
            request,
            cluster,
            surroundings.interpreter,
            surroundings.in_run,
            surroundings.run_folder,
            script,
            surroundings.ivy,
            pack_of(self.machine, request) if has_executors(cluster.master) else None,
        )

    def stop(self, address: RunAddress, grace_seconds: float) -> StopReceipt:
        """Ask for the end and return at once. A follower gets more time than its script, to have YARN end it."""
        more = MARGIN_SECONDS if is_on_nodes(address.settings) else 0.0
        return super().stop(address, max(0.0, grace_seconds) + more)

    def describe(self, address: RunAddress) -> EnvironmentRecord:
        """Return interpreter and packages: of a driver on a node by its own word, which was brought from there."""
        if not is_on_nodes(address.settings):
            return super().describe(address)
        data = self.machine.read(f"{self.run_folder(address)}/environment.json", 0, DESCRIPTION_BYTES)
        try:
            said = checked(json.loads(data.decode().splitlines()[-1]))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise CollectionFailed(
                "The driver has not recorded its interpreter.",
                "Nothing is to be done; run it again if you need to know its packages.",
            ) from error
        said.pop("path")
        return EnvironmentRecord(
            interpreter=said.pop("executable"), version=said.pop("version"), packages=said.pop("packages"), details=said
        )

    def clean_up(self, address: RunAddress) -> None:
        """Remove the run folder, and before that what is left on the cluster. Raises TargetError while either lives."""
        if is_on_nodes(address.settings):
            settle(self.machine, address, super().poll(address))
        super().clean_up(address)


def is_on_nodes(settings: TargetSettings) -> bool:
    """Return whether the driver of a run lives on a node of the cluster."""
    return cluster_of(settings).drivers_are_on_nodes


def pack_of(machine: Machine, request: ExecutionRequest) -> Pack | None:
    """Return how the environment is packed; None where the user manages the Python of the nodes."""
    if not request.environment_hash:
        return None
    address = request.address
    folder = WorkFolder(machine, address.settings)
    place = FolderPlace(machine, address.settings.work_folder, address.installation_id)
    prefix = place.prefix_of(request.environment_hash)
    path = f"{folder.path}/packs/{request.environment_hash}.tar.gz"
    return Pack(prefix, path, place_packer(folder), cluster_of(address.settings).largest_pack_bytes)


def cluster_of(settings: TargetSettings) -> ClusterSettings:
    """Return how applications are submitted. Every target of this kind says so."""
    if settings.cluster is None:
        raise ValueError(f"{settings.name} is a {settings.kind} target without the settings of a cluster")
    return settings.cluster
