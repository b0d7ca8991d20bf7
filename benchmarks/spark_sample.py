"""The sample's train_spark.py on one worker, on two, and by hand with local[1]; and our share of the time."""

import os
import subprocess
import time

from benchmarks.figures import Figure
from benchmarks.spark_host import SparkHost, spark_host
from computes.in_run import amlweb_run
from tests.stack.spark import python_with_pyspark
from tests.targets.head_node import SCRIPT, train

MEMORY_BYTES = 3 * 2**30
LONGEST_SECONDS = 3600.0
MOST_SHARE = 0.03
SECOND = "worker1"


def measure(rows: int) -> list[Figure]:
    """Return the rows of the table for so many rows of data."""
    with spark_host() as host:
        managed = {"user_managed_environment": True, "python_location": python_with_pyspark()}
        takes = {"default_executors": 2, "default_executor_memory_bytes": MEMORY_BYTES}
        host.hosts.attach("trainer", **host.facts(**managed, **takes))
        seconds_by_hand = by_hand(host, rows)
        host.cluster.kill(SECOND)
        ours_on_one, on_one = trained(host, rows)
        host.cluster.restore()
        ours_on_two, on_two = trained(host, rows)
    share = max(ours_on_one / on_one, ours_on_two / on_two)
    bare = f"{seconds_by_hand:.1f} s (spark-submit, local[1])"
    faster = f"{on_two:.1f} s ({on_one / on_two:.2f} × as fast)"
    shown = f"{share:.1%} ({ours_on_one:.1f} s of {on_one:.1f} s, {ours_on_two:.1f} s of {on_two:.1f} s)"
    return [
        Figure(f"train_spark.py, {rows:,} rows, 1 worker of 1 core", f"{on_one:.1f} s", bare, "report", True),
        Figure("the same, 2 workers", faster, bare, "report", True),
        Figure("our share of it, before and after spark-submit", shown, "–", "≤ 3 %", share <= MOST_SHARE),
    ]


def trained(host: SparkHost, rows: int) -> tuple[float, float]:
    """Return our seconds of a run and all of them, from submit to end."""
    system, submitted = host.hosts.system, time.time()
    number = train(system, "trainer", "--rows", str(rows))
    system.wait_for_end(number, LONGEST_SECONDS)
    before, after, whole = host.shares(number, submitted)
    return before + after, whole


def by_hand(host: SparkHost, rows: int) -> float:
    """Return the seconds of the same script on one core, without a cluster and without us."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "PYTHONPATH": str(amlweb_run.__file__).rpartition("/")[0],
        "PYSPARK_PYTHON": python_with_pyspark(),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "AMLWEB_METRICS": str(host.home / "metrics.jsonl"),
    }
    words = [host.submit, "--master", "local[1]", "--driver-memory", str(MEMORY_BYTES), SCRIPT, "--rows", str(rows)]
    began = time.perf_counter()
    subprocess.run(words, cwd=host.code, env=environment, capture_output=True, check=True)
    return time.perf_counter() - began
