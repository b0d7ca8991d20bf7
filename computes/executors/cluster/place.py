"""What a cluster wants of Spark, beside what the project asks for."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from computes.cluster_contract import ClusterSettings
from computes.contract import SparkSettings
from computes.executors.spark.place import LOOPBACK, SparkPlace
from computes.executors.spark.program import joined
from computes.executors.spark.rules import ON_A_CLUSTER
from computes.spark_master import YARN, has_executors, is_standalone

ENVIRONMENT = "environment"
NODES_PYTHON = f"./{ENVIRONMENT}/bin/python"
ARCHIVES = "spark.archives"
PY_FILES = "spark.submit.pyFiles"
TAGS = "spark.yarn.tags"
NO_USER_SITES = ("spark.executorEnv.PYTHONNOUSERSITE", "spark.yarn.appMasterEnv.PYTHONNOUSERSITE")
PAGES_PORT = "spark.ui.port"
OURS = frozenset({"spark.submit.deployMode", "spark.app.name", "spark.master"})
HERE = (LOOPBACK, "localhost", "[::1]")
LOWEST_PORT, HIGHEST_PORT = 20_000, 32_000  # below the ports that Linux gives away by itself


def on_the_cluster(
    cluster: ClusterSettings, spark: SparkSettings, run_folder: str, run_id: str, ivy: str, pack: str, modules: str
) -> SparkPlace:
    """Return the place of Spark for a run that is submitted on a head node, its driver beside the supervisor.

    The target's properties give way to those of the project that count; master, queue and credentials do not. `pack` is
    the packed environment, `modules` the project's Python modules, both empty where there is none; the project's own
    archives and files are kept. What the nodes' account has installed for itself does not come before what was packed.
    """
    asked, here = spark.configuration, is_here(cluster)
    defaults = {"spark.driver.host": LOOPBACK, "spark.driver.bindAddress": LOOPBACK} if here else {}
    if pack:
        defaults |= dict.fromkeys(NO_USER_SITES, "1")
    fixed = {
        "spark.app.name": run_id,
        "spark.submit.deployMode": "client",
        PAGES_PORT: str(LOWEST_PORT + secrets.randbelow(HIGHEST_PORT - LOWEST_PORT)),
        **credentials_of(cluster),
        **of_the_target(cluster, asked),
    }
    fixed |= {name: joined({**asked, **fixed}, name, [value]) for name, value in added(run_id, pack, modules, cluster)}
    return SparkPlace(
        rules=replace(ON_A_CLUSTER, master=cluster.master),
        ivy=ivy,
        temporary=f"{run_folder}/spark/tmp",
        defaults=defaults,
        fixed=fixed,
        environment={"SPARK_LOCAL_DIRS": f"{run_folder}/spark/local", **({"SPARK_LOCAL_IP": LOOPBACK} if here else {})},
        workers_python=NODES_PYTHON if pack else "",
    )


def of_the_target(cluster: ClusterSettings, asked: Mapping[str, str]) -> dict[str, str]:
    """Return the target's properties, without ours and without those that a project asks for and may."""
    return {
        name: value
        for name, value in cluster.configuration.items()
        if name not in OURS and not (name in asked and ON_A_CLUSTER.counts(name, asked[name]))
    }


def credentials_of(cluster: ClusterSettings) -> dict[str, str]:
    """Return who submits, and into which queue, as far as the target says so."""
    said = {
        "spark.yarn.queue": cluster.queue,
        "spark.kerberos.principal": cluster.principal,
        "spark.kerberos.keytab": cluster.keytab,
    }
    return {name: value for name, value in said.items() if value}


def added(run_id: str, pack: str, modules: str, cluster: ClusterSettings) -> list[tuple[str, str]]:
    """Return what is added to lists of Spark's: the tag of YARN, the packed environment, the modules."""
    found = [(TAGS, run_id)] if cluster.master == YARN else []
    if pack:
        found.append((ARCHIVES, f"file://{quote(pack)}#{ENVIRONMENT}"))
    if modules:
        found.append((PY_FILES, f"file://{quote(modules)}"))
    return found


def is_here(cluster: ClusterSettings) -> bool:
    """Return whether all of the cluster is on the head node itself, so that nobody else needs to reach the driver."""
    if not has_executors(cluster.master):
        return True
    hosts = [place.rpartition(":")[0] for place in cluster.master.removeprefix("spark://").split(",")]
    return is_standalone(cluster.master) and all(host in HERE for host in hosts)
