"""Where the head node has Spark, Java and the keytab, as the target says it or as its account finds them."""

from dataclasses import replace

from computes.contract import TargetSettings
from computes.machines.contract import Machine

USUAL = "spark-submit"


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
        location = machine.find_program(location) or location
    at_home = replace(cluster, keytab=machine.expand(cluster.keytab)) if cluster.keytab else cluster
    return replace(settings, spark_submit_location=location, environment=environment, cluster=at_home)
