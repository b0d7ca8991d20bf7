"""The itemised check of a cluster: its head node as any machine over SSH, then Spark, Java, the cluster, the packs."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from computes.cluster_contract import ClusterSettings
from computes.contract import CheckItem, TargetSettings
from computes.errors import TargetError
from computes.executors.cluster.homes import with_homes
from computes.executors.cluster.master_check import check_master
from computes.executors.cluster.packer import packer_files, place_packer
from computes.executors.spark.discovery import ask_machine
from computes.executors.target_check import Finding, check_target
from computes.machines.contract import Machine
from computes.spark_master import has_executors
from computes.work_folder import WorkFolder

PACK_BYTES_WANTED = 5 * 1024**3


def check_cluster(machine: Machine, settings: TargetSettings) -> Iterator[CheckItem]:
    """Yield each finding as soon as it is known."""
    yield from check_target(machine, settings)
    cluster = settings.cluster
    assert cluster is not None
    asked = partial(found_there, machine, settings, {})
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("Spark", lambda: check_spark(asked())),
        ("Java", lambda: check_java(asked())),
        (name_of(cluster), lambda: check_master(machine, settings, cluster)),
    ]
    if has_executors(cluster.master):
        checks.append(("Packed environments", lambda: check_packs(machine, settings)))
    if cluster.keytab:
        checks.append(("Keytab", lambda: check_keytab(machine, cluster)))
    for name, check in checks:
        began = time.monotonic()
        try:
            ok, detail, remedy = check()
        except TargetError as error:
            ok, detail, remedy = False, error.text, error.remedy
        yield CheckItem(name, ok, detail, "" if ok else remedy, round((time.monotonic() - began) * 1000, 1))


def name_of(cluster: ClusterSettings) -> str:
    """Return what the line about the cluster itself is called."""
    return "YARN" if cluster.master == "yarn" else "Spark master"


def found_there(machine: Machine, settings: TargetSettings, kept: dict[str, str]) -> Mapping[str, str]:
    """Return what the head node has of Spark and Java; it is asked once for a check."""
    if not kept:
        homes = with_homes(machine, settings)
        environment = {**machine.environment(), **homes.environment}
        interpreter = machine.find_program(settings.python_location) or machine.interpreter()
        kept |= ask_machine(machine, interpreter, homes.spark_submit_location, environment, with_versions=True)
    return kept


def check_spark(found: Mapping[str, str]) -> Finding:
    """There is a spark-submit."""
    if found["submit"]:
        return True, f"Spark {found['spark_version'] or 'of an unknown version'}: {found['submit']}", ""
    remedy = "Set the Spark home of the target to the folder on the head node that has bin/spark-submit in it."
    return False, "There is no spark-submit on the head node.", remedy


def check_java(found: Mapping[str, str]) -> Finding:
    """There is a Java that answers."""
    if found["java"] and found["java_version"]:
        return True, f"Java {found['java_version']}: {found['java']}", ""
    said = f"{found['java']} does not say its version." if found["java"] else "There is no Java on the head node."
    return False, said, "Set the Java home of the target to a Java that Spark can use; Spark 4 needs Java 17 or newer."


def check_packs(machine: Machine, settings: TargetSettings) -> Finding:
    """Environments can be packed there."""
    folder = WorkFolder(machine, settings)
    place_packer(folder)
    machine.make_folder(f"{folder.path}/packs")
    free = machine.free_bytes(f"{folder.path}/packs")
    detail = f"conda-pack is in place ({len(packer_files()[1])} files), {free / 1024**3:.1f} GiB are free for packs."
    return free >= PACK_BYTES_WANTED, detail, "Free disk space on the head node: a pack takes 0.1 to 3 GiB."


def check_keytab(machine: Machine, cluster: ClusterSettings) -> Finding:
    """The keytab is there."""
    found = machine.stat(machine.expand(cluster.keytab))
    if found is not None and found.is_file:
        return True, f"{cluster.keytab} is there.", ""
    return False, f"{cluster.keytab} is not on the head node.", "Put the keytab there, readable for the account only."
