"""The itemised check of a cluster: its head node as any machine over SSH, then Spark, Java, the cluster, the packs."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from computes.cluster_contract import ClusterSettings
from computes.contract import CheckItem, TargetSettings
from computes.executors.cluster.homes import with_homes
from computes.executors.cluster.master_check import NOT_FOUND, check_master
from computes.executors.cluster.packer import packer_files, place_packer
from computes.executors.cluster.storage import storage_uri_of
from computes.executors.cluster.ticket import run_with_ticket
from computes.executors.findings import Finding, timed
from computes.executors.plain_text import plain
from computes.executors.target_check import check_target
from computes.machines.contract import Machine
from computes.spark_master import YARN, has_executors
from computes.work_folder import WorkFolder

PACK_BYTES_WANTED = 5 * 1024**3
STORAGE_SECONDS = 60.0
STORAGE_REMEDY = (
    "Log in to the head node as this account and try: hdfs dfs -mkdir -p with that address. Correct the storage of the "
    "target, or set the deploy mode to client, which needs none."
)
VERSION = re.compile(r"Spark (\d+)\.(\d+)")
KERBEROS, ARCHIVES = (3, 0), (3, 1)
NEWER = "Install Spark 3.1 or newer on the cluster, and set the Spark home of the target to it."
OWN_PYTHON = "Or let runs use the Python that is on every node and install nothing: a tick on the target's form."
NEEDED = {
    "Spark": "Set the Spark home of the target to the folder on the head node that has bin/spark-submit in it.",
    "Java": "Set the Java home of the target to a Java that this Spark can use; Spark 4 needs Java 17 or newer.",
}


def check_cluster(machine: Machine, settings: TargetSettings) -> Iterator[CheckItem]:
    """Yield each finding as soon as it is known."""
    cluster = settings.cluster
    assert cluster is not None
    settings = with_homes(machine, settings)
    for item in check_target(machine, settings):
        yield new_enough(needed(item), settings, cluster)
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("YARN" if cluster.master == YARN else "Spark master", lambda: check_master(machine, settings, cluster))
    ]
    if has_executors(cluster.master):
        checks.append(("Packed environments", lambda: check_packs(machine, settings)))
    if cluster.drivers_are_on_nodes:
        checks.append(("Storage of drivers", lambda: check_storage(machine, settings, cluster)))
    if cluster.keytab:
        checks.append(("Keytab", lambda: check_keytab(machine, cluster)))
    for name, check in checks:
        found = timed(name, check)
        yield replace(found, remedy="") if found.ok else found


def needed(item: CheckItem) -> CheckItem:
    """Return an item of the head node; what other targets do without is needed here."""
    if item.name not in NEEDED or not item.remedy:
        return item
    return replace(item, ok=False, detail=f"There is no {item.name} on the head node.", remedy=NEEDED[item.name])


def new_enough(item: CheckItem, settings: TargetSettings, cluster: ClusterSettings) -> CheckItem:
    """Return an item of the head node; a Spark that does not know what is asked of it is not right."""
    said = VERSION.match(item.detail)
    if item.name != "Spark" or not item.ok or said is None:
        return item
    version = (int(said[1]), int(said[2]))
    if cluster.keytab and version < KERBEROS:
        text = "Spark takes principal and keytab as amlweb writes them from 3.0 on."
        return replace(item, ok=False, detail=f"{item.detail}. {text}", remedy=NEWER)
    if version >= ARCHIVES:
        return item
    text = f"{item.detail}. Only from 3.1 on Spark sends packed environments to the nodes."
    if settings.user_managed_environment or not has_executors(cluster.master):
        return replace(item, detail=text)
    return replace(item, ok=False, detail=text, remedy=f"{NEWER} {OWN_PYTHON}")


def check_packs(machine: Machine, settings: TargetSettings) -> Finding:
    """Environments can be packed there."""
    folder = WorkFolder(machine, settings)
    place_packer(folder)
    machine.make_folder(f"{folder.path}/packs")
    free = machine.free_bytes(f"{folder.path}/packs")
    detail = f"conda-pack is in place ({len(packer_files()[1])} files), {free / 1024**3:.1f} GiB are free for packs."
    return free >= PACK_BYTES_WANTED, detail, "Free disk space on the head node: a pack takes 0.1 to 3 GiB."


def check_storage(machine: Machine, settings: TargetSettings, cluster: ClusterSettings) -> Finding:
    """The head node can make the folder that drivers carry their runs to."""
    uri = storage_uri_of(settings, cluster)
    if uri.startswith("file:"):
        machine.make_folder(f"{unquote(urlsplit(uri).path)}/runs")
        return True, f"{uri} is a folder of the head node; it must be mounted on every node at the same place.", ""
    argv = ["/usr/bin/env", "hdfs", "dfs", "-D", "fs.permissions.umask-mode=077", "-mkdir", "-p", f"{uri}/runs"]
    done = run_with_ticket(machine, settings, argv, STORAGE_SECONDS)
    if done.code == 0:
        return True, f"{uri} takes files of this account.", ""
    if done.code == NOT_FOUND:
        return False, "There is no hdfs program in PATH on the head node.", STORAGE_REMEDY
    said = (done.errors or done.output).decode(errors="replace").strip().splitlines()
    return False, f"{uri} cannot be used: {plain(said[-1]) if said else 'silence'}", STORAGE_REMEDY


def check_keytab(machine: Machine, cluster: ClusterSettings) -> Finding:
    """The keytab is there."""
    found = machine.stat(machine.expand(cluster.keytab))
    if found is not None and found.is_file:
        return True, f"{cluster.keytab} is there.", ""
    return False, f"{cluster.keytab} is not on the head node.", "Put the keytab there, readable for the account only."
