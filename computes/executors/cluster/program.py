"""The program that the supervisor starts on a head node, and what it reads in the run's specification."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from computes.cluster_contract import ClusterSettings
from computes.contract import ExecutionRequest
from computes.executors.cluster.place import PAGES_PORT, on_the_cluster
from computes.executors.spark.program import properties_of, spark_part
from computes.in_run.amlweb_cluster import BOOT
from computes.spark_master import has_executors

MASTERS_PAGE = "spark.master.ui.port"
USUAL_PAGE = "8080"


@dataclass(frozen=True, slots=True)
class Pack:
    """The environment as one file: made of `prefix` into `path` by the conda-pack in the folder `packer`, if that
    gives no more than `largest_bytes`."""

    prefix: str
    path: str
    packer: str
    largest_bytes: int


def cluster_program(
    request: ExecutionRequest,
    cluster: ClusterSettings,
    interpreter: str,
    in_run: str,
    run_folder: str,
    script: Sequence[str],
    ivy: str,
    pack: Pack | None,
) -> dict[str, Any]:
    """Return the part of a specification that says what is started."""
    modules = f"{run_folder}/spark/modules.zip" if has_modules(request) else ""
    run_id = request.address.run_id
    place = on_the_cluster(cluster, request.spark, run_folder, run_id, ivy, pack.path if pack else "", modules)
    location = request.address.settings.spark_submit_location
    port = properties_of(request.spark, place)[PAGES_PORT]
    return {
        "argv": [interpreter, "-c", BOOT, in_run],
        "spark": spark_part(script, location, request.spark, place),
        "cluster": {
            "master": cluster.master,
            "master_page": masters_page(cluster),
            "has_executors": has_executors(cluster.master),
            "tag": run_id,
            "first_port": int(port) if port.isdecimal() else 0,
            "prefix": pack.prefix if pack else "",
            "pack": pack.path if pack else "",
            "packer": pack.packer if pack else "",
            "largest_pack_bytes": pack.largest_bytes if pack else 0,
            "modules": modules,
            "principal": cluster.principal,
            "keytab": cluster.keytab,
        },
    }


def has_modules(request: ExecutionRequest) -> bool:
    """Return whether the project has Python files beside the script that executors may need."""
    return any(entry.path.endswith(".py") and entry.path != request.script for entry in request.manifest)


def masters_page(cluster: ClusterSettings) -> str:
    """Return the port of the page of Spark's own masters; Spark's property for it may stand in the configuration."""
    said: Mapping[str, str] = cluster.configuration
    return said.get(MASTERS_PAGE, USUAL_PAGE)
