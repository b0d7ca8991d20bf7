"""Submitting a run whose driver lives on a node: what the follower on the head node reads in its specification."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from computes.contract import ExecutionRequest
from computes.executors.cluster.driver_program import place_driver
from computes.executors.cluster.place import NODES_PYTHON, PAGES_PORT, on_the_cluster
from computes.executors.cluster.program import Pack, has_modules
from computes.executors.cluster.storage import storage_uri_of
from computes.executors.process import ProcessExecutor
from computes.executors.spark.attempts import ATTEMPTS, most_attempts
from computes.executors.spark.place import SparkPlace
from computes.executors.spark.program import spark_part
from computes.executors.specification import Surroundings
from computes.in_run.amlweb_cluster.on_nodes import BOOT
from computes.machines.contract import CollectionLimits, Machine
from computes.shared_storage.placing import specification_of
from computes.work_folder import WorkFolder

WAITS = "spark.yarn.submit.waitAppCompletion"
DRIVERS_PYTHONS = ("spark.yarn.appMasterEnv.PYSPARK_PYTHON", "spark.yarn.appMasterEnv.PYSPARK_DRIVER_PYTHON")
MARGIN_SECONDS = 60.0  # over the grace of a script: YARN's commands take seconds, and more on a busy head node


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds; `computes.in_run.amlweb_cluster.on_nodes.following` says which is what. `final`: for so long YARN may
    take to see the end of an application whose driver has recorded it. `logs`: for so long YARN may gather logs.
    `settle`: for so long a clean-up tries to have an application ended that its follower has left."""

    look: float = 3.0
    longest: float = 30.0
    yarn: float = 10.0
    quiet: float = 30.0
    unknown: float = 90.0
    lost: float = 600.0
    margin: float = 15.0
    final: float = 60.0
    logs: float = 30.0
    settle: float = 40.0


class Submission(ProcessExecutor):
    """Starts one run. `asked` is the request as it came: what concerns the head node alone is no driver's."""

    def __init__(
        self, machine: Machine, limits: CollectionLimits, asked: ExecutionRequest, pack: Pack | None, pace: Pace
    ) -> None:
        super().__init__(machine, limits)
        self.asked = asked
        self.pack = pack
        self.pace = pace

    def start(self, request: ExecutionRequest) -> None:
        """Start the follower; return when it is spawned. Its grace leaves time to end the application."""
        limits = replace(request.limits, grace_seconds=request.limits.grace_seconds + MARGIN_SECONDS)
        super().start(replace(request, limits=limits))

    def program(self, request: ExecutionRequest, surroundings: Surroundings, script: list[str]) -> dict[str, Any]:
        """Return what the supervisor starts."""
        address, pack = request.address, self.pack
        cluster = address.settings.cluster
        assert cluster is not None
        folder = WorkFolder(self.machine, address.settings)
        storage = storage_uri_of(address.settings, cluster)
        name = f"{address.installation_id}-{address.run_id}"
        attempts = 1 if request.secrets else most_attempts({**cluster.configuration, **request.spark.configuration})
        python = NODES_PYTHON if pack else surroundings.interpreter
        modules = f"{surroundings.run_folder}/spark/modules.zip" if has_modules(request) else ""
        there = (surroundings.run_folder, address.run_id, surroundings.ivy, pack.path if pack else "", modules)
        place = on_a_node(on_the_cluster(cluster, request.spark, *there), attempts, python)
        spark = spark_part(script, address.settings.spark_submit_location, request.spark, place)
        return {
            "argv": [surroundings.interpreter, "-c", BOOT, surroundings.in_run],
            "spark": {
                **spark,
                "driver": [place_driver(folder), f"{storage}/runs/{name}"],
                "driver_python": python,
            },
            "cluster": {
                "tag": address.run_id,
                "name": name,
                "storage": storage,
                "driver": driver_specification(self.asked, attempts, self.collection_limits),
                "margin_seconds": MARGIN_SECONDS,
                "pace": asdict(self.pace),
                "prefix": pack.prefix if pack else "",
                "pack": pack.path if pack else "",
                "packer": pack.packer if pack else "",
                "largest_pack_bytes": pack.largest_bytes if pack else 0,
                "modules": modules,
                "principal": cluster.principal,
                "keytab": self.machine.expand(cluster.keytab) if cluster.keytab else "",
            },
        }


def on_a_node(place: SparkPlace, attempts: int, python: str) -> SparkPlace:
    """Return the place of Spark with the driver on a node, where YARN chooses the port of its pages."""
    fixed = {name: value for name, value in place.fixed.items() if name != PAGES_PORT}
    fixed |= {"spark.submit.deployMode": "cluster", WAITS: "false", ATTEMPTS: str(attempts)}
    return replace(place, fixed={**fixed, **dict.fromkeys(DRIVERS_PYTHONS, python)}, workers_python=python)


def driver_specification(request: ExecutionRequest, attempts: int, limits: CollectionLimits) -> dict[str, Any]:
    """Return what the driver program reads; the follower adds the checksum of the code.

    The time limit is the follower's, because it counts the wait in the queue too; and so is that of the log.
    """
    found = specification_of(request, "", 0, attempts, limits)
    return {**found, "time_limit_seconds": None, "log_cap_bytes": 2 * request.limits.log_cap_bytes}
