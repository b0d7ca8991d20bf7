"""The body of the request that starts a batch. Nothing that a user wrote is an argument, and no secret is a property:
both are shown on Spark's own pages."""

from collections.abc import Mapping
from typing import Any

from computes.contract import ExecutionRequest, LivySettings
from computes.executors.spark.attempts import ATTEMPTS, most_attempts
from computes.executors.spark.program import PACKAGES, REPOSITORIES, joined
from computes.executors.spark.rules import BEHIND_LIVY, FAMILY, LIVYS_OWN
from computes.shared_storage.packed_environments import pack_of
from computes.shared_storage.shared_run import SharedRun
from computes.spark_driver.layout import MODULES

TAGS = "spark.yarn.tags"
PREPARED_PYTHON = "./environment/bin/python"
QUEUE = "spark.yarn.queue"
PYTHONS = ("spark.pyspark.python", "spark.yarn.appMasterEnv.PYSPARK_PYTHON")


def batch_body(request: ExecutionRequest, livy: LivySettings, run: SharedRun, program: str) -> dict[str, Any]:
    """Return the JSON object of POST /batches."""
    wanted = {
        "file": program,
        "args": [run.uri_of(run.folder)],
        "pyFiles": [run.uri_of(f"{run.folder}/{MODULES}")],
        "archives": [archive_of(request, run)] if request.environment_hash else [],
        "name": batch_name(run),
        "queue": livy.queue or request.spark.configuration.get(QUEUE, ""),
        "proxyUser": livy.proxy_user,
        "conf": properties_of(request, livy, run),
        "numExecutors": request.resources.executors,
        "executorCores": request.resources.executor_cores,
        "executorMemory": request.resources.executor_memory,
        "driverCores": request.resources.driver_cores,
        "driverMemory": request.resources.driver_memory,
    }
    return {name: value for name, value in wanted.items() if value not in (None, "", [])}


def batch_name(run: SharedRun) -> str:
    """Return the name under which Livy and YARN know a run."""
    return f"amlweb-{run.name}"


def archive_of(request: ExecutionRequest, run: SharedRun) -> str:
    """Return the packed environment, and the folder that it is unpacked as beside driver and executors."""
    return f"{run.uri_of(pack_of(request.environment_hash))}#environment"


def properties_of(request: ExecutionRequest, livy: LivySettings, run: SharedRun) -> dict[str, str]:
    """Return Spark's properties: ours, over the project's, over the target's. One attempt, unless asked for more."""
    asked = asked_of(request, livy)
    kept = {name: value for name, value in asked.items() if name not in LIVYS_OWN and name != QUEUE}
    for name, more in ((PACKAGES, request.spark.packages), (REPOSITORIES, request.spark.repositories)):
        if more:
            kept[name] = joined(kept, name, more)
    kept[TAGS] = joined(kept, TAGS, [batch_name(run)])
    return {**kept, **python_of(request), ATTEMPTS: str(most_attempts(asked))}


def asked_of(request: ExecutionRequest, livy: LivySettings) -> dict[str, str]:
    """Return the project's properties that count, over the target's."""
    counting = {name: text for name, text in request.spark.configuration.items() if BEHIND_LIVY.counts(name, text)}
    return {**{name: text for name, text in livy.configuration.items() if name.startswith(FAMILY)}, **counting}


def python_of(request: ExecutionRequest) -> Mapping[str, str]:
    """Return which Python driver and executors run on; nothing where the cluster's own is taken."""
    location = request.address.settings.python_location
    if request.environment_hash:
        return dict.fromkeys(PYTHONS, PREPARED_PYTHON)
    return dict.fromkeys(PYTHONS, location) if location not in ("", "python3") else {}


def left_out(request: ExecutionRequest, livy: LivySettings) -> list[str]:
    """Return the names of asked-for properties that have no effect here."""
    asked = {**livy.configuration, **request.spark.configuration}
    counting = asked_of(request, livy).keys() - LIVYS_OWN - ({QUEUE} if livy.queue else set())
    return sorted(
        {name for name, text in request.spark.configuration.items() if not BEHIND_LIVY.counts(name, text)}
        | (asked.keys() - counting)
    )
