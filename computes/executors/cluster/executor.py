"""ClusterExecutor: PySpark scripts that are submitted on the head node of a cluster, under the supervisor there."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from computes.cluster_contract import ClusterSettings, DeployMode
from computes.contract import CheckItem, ExecutionRequest, TargetSettings
from computes.environments.folder_place import FolderPlace
from computes.errors import StartFailed
from computes.executors.cluster.check import check_cluster
from computes.executors.cluster.homes import with_homes
from computes.executors.cluster.packer import place_packer
from computes.executors.cluster.program import Pack, cluster_program
from computes.executors.process import ProcessExecutor
from computes.executors.specification import Surroundings
from computes.machines.contract import Machine
from computes.spark_master import has_executors, takes_deploy_mode
from computes.work_folder import WorkFolder


class ClusterExecutor(ProcessExecutor):
    """Runs spark-submit with the driver on the head node. The driver's exit code is the outcome of the run: the word of
    a cluster is shown, and believed for nothing (a master of Spark's own says FINISHED also of failures)."""

    def check(self, settings: TargetSettings) -> Iterator[CheckItem]:
        """Yield each finding as soon as it is known: the way to the head node, what it has, then the cluster."""
        if (yield from self.machine.check_contact()):
            yield from check_cluster(self.machine, settings)

    def start(self, request: ExecutionRequest) -> None:
        """Place the code and start what becomes spark-submit; return when it is spawned.

        Raises StartFailed for what a cluster does not do, and all that ProcessExecutor raises.
        """
        cluster = cluster_of(request.address.settings)
        if cluster.deploy_mode is DeployMode.CLUSTER and takes_deploy_mode(cluster.master):
            raise StartFailed(
                "Drivers on the nodes of the cluster are not supported yet.",
                "Set yarnDeployMode to client: the driver then runs on the head node.",
            )
        settings = with_homes(self.machine, request.address.settings)
        super().start(replace(request, address=replace(request.address, settings=settings)))

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


def pack_of(machine: Machine, request: ExecutionRequest) -> Pack | None:
    """Return how the environment is packed; None where the user manages the Python of the nodes."""
    if not request.environment_hash:
        return None
    address = request.address
    folder = WorkFolder(machine, address.settings)
    place = FolderPlace(machine, address.settings.work_folder, address.installation_id)
    prefix = place.prefix_of(request.environment_hash)
    return Pack(prefix, f"{folder.path}/packs/{request.environment_hash}.tar.gz", place_packer(folder))


def cluster_of(settings: TargetSettings) -> ClusterSettings:
    """Return how applications are submitted. Every target of this kind says so."""
    if settings.cluster is None:
        raise ValueError(f"{settings.name} is a {settings.kind} target without the settings of a cluster")
    return settings.cluster
