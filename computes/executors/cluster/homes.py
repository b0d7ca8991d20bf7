"""Where the head node has Spark, Java and the keytab, as the target says it or as its account finds them."""

from collections.abc import Mapping
from dataclasses import replace

from computes.contract import TargetSettings
from computes.machines.contract import Machine

USUAL = "spark-submit"
SECONDS = 30.0
LOOKING = 'command -v "$1"'


def with_homes(machine: Machine, settings: TargetSettings) -> TargetSettings:
    """Return settings whose spark-submit is that of the cluster, and whose variables lead to its Spark and Java. No
    path of them begins with `~`, which neither Spark nor kinit understands.

    The head node's Spark knows the cluster; a pyspark package in the script's environment does not, so it is the last
    that is taken: only when the location stays a name.
    """
    cluster = settings.cluster
    assert cluster is not None
    environment, location = dict(settings.environment), settings.spark_submit_location or USUAL
    if cluster.java_home:
        environment["JAVA_HOME"] = machine.expand(cluster.java_home)
    if cluster.spark_home:
        environment["SPARK_HOME"] = machine.expand(cluster.spark_home).rstrip("/")
    if location == USUAL and (home := environment.get("SPARK_HOME")):
        location = f"{home}/bin/{USUAL}"
    elif "/" not in location:
        location = program_in_path(machine, location, settings.environment) or location
    at_home = replace(cluster, keytab=machine.expand(cluster.keytab)) if cluster.keytab else cluster
    return replace(settings, spark_submit_location=location, environment=environment, cluster=at_home)


def program_in_path(machine: Machine, name: str, variables: Mapping[str, str]) -> str | None:
    """Return a program's path by the PATH among the target's variables, else by the account's; None when not there."""
    if "PATH" not in variables:
        return machine.find_program(name)
    environment = {**machine.environment(), **variables}
    done = machine.run(["/bin/sh", "-c", LOOKING, "sh", name], environment=environment, deadline_seconds=SECONDS)
    found = done.output.decode(errors="surrogateescape").strip()
    return found if done.code == 0 and found.startswith("/") else None
