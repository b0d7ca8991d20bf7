"""Submit → first line on a Spark cluster behind a head node, in turns with the same spark-submit typed over ssh; and
what a packed environment that the cluster has costs before spark-submit begins."""

import time

from benchmarks.bare import first_line_of, warm_ssh
from benchmarks.figures import Figure, median
from benchmarks.spark_host import SparkHost, spark_host
from benchmarks.submitting import first_line_seconds
from benchmarks.targets import SCRIPT, Ways
from computes.in_run.amlweb_cluster.modules import write_modules
from tests.stack.spark import python_with_pyspark
from tests.targets.head_node import prepare

ROUNDS = 10
LINE = "hello\n"
LONGEST_SECONDS = 400.0
MOST_COST_SECONDS = 0.5


class Submissions(Ways):
    """Ways to the first line of a PySpark script, and how long each of ours took until spark-submit began."""

    def __init__(self, host: SparkHost) -> None:
        super().__init__(host.hosts)
        self.host = host
        self.before: dict[str, list[float]] = {}

    def submit(self, target: str) -> float:
        """Take our way, and wait until nothing of it is at work any more."""
        submitted = time.time()
        system = self.hosts.system
        seconds, number = first_line_seconds(system, self.session, SCRIPT, target, LINE, run_configuration="spark")
        system.wait_for_end(number, LONGEST_SECONDS)
        before, _, _ = self.host.shares(number, submitted)
        self.before.setdefault(target, []).append(before)
        time.sleep(0.3)  # the clean-up on the target
        return seconds


def measure() -> list[Figure]:
    """Return the rows."""
    with spark_host() as host, warm_ssh(host.hosts.host) as ssh:
        ways, python = Submissions(host), python_with_pyspark()
        managed = {"user_managed_environment": True, "python_location": python}
        host.hosts.attach("own", **host.facts(**managed))
        host.hosts.attach("prepared", **host.facts())
        prepare(host.hosts.system, "prepared", LONGEST_SECONDS)
        words = ["env", f"PYSPARK_PYTHON={python}", "SPARK_LOCAL_IP=127.0.0.1", host.submit]
        words += ["--master", host.cluster.master, "--conf", "spark.cores.max=1", "--executor-memory", "512m"]
        modules = host.code.parent / "modules.zip"
        write_modules(str(host.code), str(modules), SCRIPT)
        by_hand = ssh.argv(*words, "--py-files", str(modules), str(host.code / SCRIPT))
        ways.compare(
            {
                "own": lambda: ways.submit("own"),
                "ssh": lambda: first_line_of(by_hand, LINE),
                "prepared": lambda: ways.submit("prepared"),
            },
            ROUNDS,
        )
    before = {target: median(seconds[1:]) for target, seconds in ways.before.items()}
    cost = before["prepared"] - before["own"]
    shown = f"{cost:+.2f} s ({before['prepared']:.2f} s until spark-submit begins)"
    bare = f"{before['own']:.2f} s (without)"
    aim = f"≤ {MOST_COST_SECONDS:g} s"
    return [
        ways.row("submit → first line, `cluster`", "own", "ssh", "ssh host spark-submit, warm", aim=1.1),
        Figure("a packed environment that the cluster has, per run", shown, bare, aim, cost <= MOST_COST_SECONDS),
    ]
