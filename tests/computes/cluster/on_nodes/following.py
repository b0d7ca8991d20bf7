"""What tests of drivers on nodes share: scripts, a patience of seconds, and what is asked of a run."""

from computes.cluster_contract import ClusterSettings, DeployMode
from computes.contract import ExitRecord, Framework, RunAddress, Stream
from computes.executors.cluster.executor import ClusterExecutor
from computes.executors.cluster.on_nodes import Pace
from tests.computes.on_targets import Bench, wait_for_end
from tests.stack.yarn_contract import STORAGE, HeadNode

PACE = Pace(
    look=0.2, longest=1.0, yarn=0.3, quiet=3.0, unknown=1.0, lost=5.0, margin=10.0, final=10.0, logs=0.5, settle=3.0
)
LIVELY = """
import os, sys, time
print("first", flush=True)
while not os.path.exists(os.environ["FAKE"] + "/enough"):
    time.sleep(0.02)
print("last", sys.argv[1:], os.environ.get("TOKEN") == "hunter2", flush=True)
"""
OUTPUT = "open('outputs/x', 'w').write('y')"


def bench_on(head: HeadNode) -> Bench:
    """Return a bench whose scripts are submitted on a head node, with drivers on the nodes."""
    cluster = ClusterSettings(
        deploy_mode=DeployMode.CLUSTER,
        spark_home=str(head.root / "home"),
        java_home=str(head.root / "java"),
        storage_uri=STORAGE,
    )
    return Bench(head.root, kind="cluster", framework=Framework.PYSPARK, cluster=cluster, environment=head.environment)


def record_of(executor: ClusterExecutor, address: RunAddress) -> ExitRecord:
    """Return how a run ends."""
    status = wait_for_end(executor, address)
    assert status.exit is not None, status.why
    return status.exit


def log_of(executor: ClusterExecutor, address: RunAddress, stream: Stream = Stream.LOG) -> str:
    """Return what a run has said."""
    return executor.read(address, stream, 0, 1 << 20).decode()


def is_settled(bench: Bench, address: RunAddress) -> bool:
    """Whether nothing is left to be done for a run on the cluster."""
    return (bench.run_folder(address) / "spark" / "settled").exists()


def fetches(head: HeadNode) -> int:
    """Return how often outputs were asked for."""
    return sum(call["argv"][3] == "-get" for call in head.calls("hdfs"))
