"""Masters of Spark: where applications are submitted to. Plain Python, no Django."""

import re

YARN = "yarn"
LOCAL = re.compile(r"local(?:\[(?:\*|[1-9][0-9]{0,3})(?:,[1-9][0-9]{0,3})?\])?")
STANDALONE = re.compile(r"spark://[A-Za-z0-9_.-]+:[0-9]{1,5}(?:,[A-Za-z0-9_.-]+:[0-9]{1,5})*")
EXAMPLES = "Write yarn, spark://host:7077 or local[*]."


def problem_of_master(master: str) -> str:
    """Return what is wrong with a master, in words, or nothing."""
    if master.startswith(("k8s:", "mesos:")):
        return f"Masters of {'Kubernetes' if master.startswith('k8s') else 'Mesos'} are not supported. {EXAMPLES}"
    if master == YARN or LOCAL.fullmatch(master):
        return ""
    if not STANDALONE.fullmatch(master):
        return f"This is not the address of a Spark master. {EXAMPLES}"
    ports = [int(place.rpartition(":")[2]) for place in master.removeprefix("spark://").split(",")]
    return "" if all(0 < port < 65_536 for port in ports) else "The port of a master is a number from 1 to 65535."


def is_standalone(master: str) -> bool:
    """Return whether a master is one of Spark's own."""
    return master.startswith("spark://")


def has_executors(master: str) -> bool:
    """Return whether applications get executors on other machines: a local master does all in the driver."""
    return not master.startswith("local")


def takes_deploy_mode(master: str) -> bool:
    """Return whether the driver can live on the cluster: YARN only, because Spark's own masters take no Python driver
    (measured with Spark 4.3: "Cluster deploy mode is currently not supported for python applications on standalone
    clusters")."""
    return master == YARN
