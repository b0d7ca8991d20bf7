"""What a cluster's own master says when the head node asks it."""

import json
from pathlib import Path
from typing import Any

from computes.cluster_contract import ClusterSettings
from computes.contract import TargetSettings
from computes.executors.cluster.program import masters_page
from computes.executors.cluster.ticket import run_with_ticket
from computes.executors.findings import Finding
from computes.executors.plain_text import plain
from computes.in_run.amlweb_cluster import json_over_http, standalone, yarn
from computes.machines.contract import Machine
from computes.spark_master import YARN, is_standalone

SECONDS = 20.0
YARN_SECONDS = 60.0
NOT_FOUND = 127
ASKING = """
import json, sys
for page in sys.argv[1:]:
    try:
        said = ask(page)
        print(json.dumps({key: said[key] for key in ("status", "workers", "activeapps")}))
    except (OSError, LookupError, TypeError) as error:
        print(json.dumps({"trouble": str(error)}))
"""
PROGRAM = Path(json_over_http.__file__).read_text(encoding="utf-8") + ASKING
MASTERS_REMEDY = (
    "Start the master, or correct its address; if its page is not on port 8080, set spark.master.ui.port in the "
    "target's Spark configuration."
)
WORKERS_REMEDY = "Start a worker: sbin/start-worker.sh with the master's address."
YARN_REMEDY = (
    "Log in to the head node as this account and try: yarn node -list. It needs HADOOP_CONF_DIR, and a ticket or a "
    "keytab on a cluster with Kerberos."
)


def check_master(machine: Machine, settings: TargetSettings, cluster: ClusterSettings) -> Finding:
    """Whoever gives executors answers, and has some to give."""
    if is_standalone(cluster.master):
        return check_standalone(machine, cluster)
    if cluster.master == YARN:
        return check_yarn(machine, settings)
    return True, f"{cluster.master}: driver and executors are one process on the head node.", ""


def check_standalone(machine: Machine, cluster: ClusterSettings) -> Finding:
    """One of Spark's own masters is at work and has workers."""
    pages = standalone.pages_of(cluster.master, masters_page(cluster))
    argv = [machine.interpreter(), "-I", "-c", PROGRAM, *pages]
    done = machine.run(argv, environment=machine.environment(), deadline_seconds=SECONDS)
    answers = [json.loads(line) for line in done.output.decode(errors="replace").splitlines() if line.startswith("{")]
    said = next((answer for answer in answers if answer.get("status") == standalone.ALIVE), None)
    if said is None:
        troubles = [plain(answer["trouble"]) for answer in answers if "trouble" in answer]
        words = f" {troubles[0]}" if troubles else ""
        return False, f"No master is at work at {cluster.master}: {pages[0]} does not say so.{words}", MASTERS_REMEDY
    return words_of_workers(standalone.workers_in(said))


def words_of_workers(workers: list[dict[str, Any]]) -> Finding:
    """Say what the workers have."""
    if not workers:
        return False, "The master has no worker that is alive.", WORKERS_REMEDY
    cores, free_cores = total(workers, "cores"), total(workers, "coresfree")
    memory, free_memory = total(workers, "memory"), total(workers, "memoryfree")
    text = f"{len(workers)} worker{'' if len(workers) == 1 else 's'} alive: {cores} cores ({free_cores} free)"
    return True, f"{text}, {memory / 1024:.1f} GiB of memory ({free_memory / 1024:.1f} free).", ""


def total(workers: list[dict[str, Any]], name: str) -> int:
    """Return a sum over workers."""
    return sum(int(worker.get(name, 0)) for worker in workers)


def check_yarn(machine: Machine, settings: TargetSettings) -> Finding:
    """YARN's command is there and lists nodes."""
    argv = ["/usr/bin/env", *yarn.listing_nodes("yarn")]
    done = run_with_ticket(machine, settings, argv, YARN_SECONDS)
    if done.code == NOT_FOUND:
        return False, "There is no yarn program in PATH on the head node.", YARN_REMEDY
    nodes = yarn.nodes_in(done.output.decode(errors="replace"))
    if nodes > 0:
        return True, f"YARN has {nodes} node{'' if nodes == 1 else 's'} running.", ""
    if nodes == 0:
        return False, "YARN answers, but no node is running.", "Start the cluster's NodeManagers."
    said = (done.errors or done.output).decode(errors="replace").strip().splitlines()
    return False, f"YARN does not answer: {plain(said[-1]) if said else 'silence'}", YARN_REMEDY
