"""A real Spark cluster on loopback: a master and two workers out of PyPI's pyspark, on ports of their own."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.stack.processes import accepts, free_port, wait_until
from tests.stack.spark import spark_home

LOOPBACK = "127.0.0.1"
WORKERS = 2
MEMORY = "1g"
QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
CONFIGURATION = """\
spark.worker.cleanup.enabled true
spark.worker.cleanup.interval 60
spark.worker.cleanup.appDataTtl 60
"""


@dataclass
class SparkCluster:
    """A running master with its workers."""

    folder: Path
    port: int
    page: int
    memory: str = MEMORY
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def master(self) -> str:
        """The master's address."""
        return f"spark://{LOOPBACK}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What daemons and applications are told of this cluster."""
        return {
            "SPARK_HOME": str(spark_home()),
            "SPARK_CONF_DIR": str(self.folder / "conf"),
            "SPARK_LOCAL_IP": LOOPBACK,
            "SPARK_DAEMON_MEMORY": "256m",
            "SPARK_DAEMON_JAVA_OPTS": QUICK_JAVA,
            "PATH": os.environ["PATH"],
        }

    def said(self) -> dict[str, Any]:
        """Return what the master's page says."""
        with urlopen(f"http://{LOOPBACK}:{self.page}/json/", timeout=10) as answer:
            return dict(json.load(answer))

    def workers(self) -> int:
        """Return how many workers are alive; none while the master's page is not there yet."""
        try:
            return sum(worker["state"] == "ALIVE" for worker in self.said()["workers"])
        except (OSError, ValueError):
            return 0

    def start(self, name: str, *argv: str) -> None:
        """Start one of the daemons."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        with (folder / "log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(spark_home() / "bin/spark-class"), *argv],
                cwd=folder,
                env={**self.environment, "SPARK_LOCAL_DIRS": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_master(self) -> None:
        """Start the master and wait for its page."""
        ports = ["--port", str(self.port), "--webui-port", str(self.page)]
        self.start("master", "org.apache.spark.deploy.master.Master", "--host", LOOPBACK, *ports)
        wait_until(lambda: accepts(self.page) and accepts(self.port), "the master of Spark", 120)

    def start_worker(self, name: str) -> None:
        """Start a worker of one core."""
        size = ["--cores", "1", "--memory", self.memory, "--work-dir", str(self.folder / name / "work")]
        place = ["--host", LOOPBACK, "--webui-port", str(free_port())]
        self.start(name, "org.apache.spark.deploy.worker.Worker", *place, *size, self.master)

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """End one of the daemons, and what it has started when it is killed."""
        process = self.processes.pop(name)
        os.killpg(process.pid, number)
        process.wait(30)

    def restore(self) -> None:
        """Have a master and all workers again."""
        if "master" not in self.processes:
            self.start_master()
        for number in range(WORKERS):
            if f"worker{number}" not in self.processes:
                self.start_worker(f"worker{number}")
        wait_until(lambda: self.workers() == WORKERS, "the workers of Spark", 120)


@contextmanager
def spark_cluster(memory: str = MEMORY) -> Iterator[SparkCluster]:
    """Run a cluster until the block ends. `memory` is what each worker has to give."""
    with ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="amlweb-spark-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(made))
        (folder / "conf").mkdir()
        (folder / "conf" / "spark-defaults.conf").write_text(CONFIGURATION)
        cluster = SparkCluster(folder, free_port(), free_port(), memory)
        try:
            cluster.restore()
            yield cluster
        finally:
            for name in list(cluster.processes):
                cluster.kill(name)
