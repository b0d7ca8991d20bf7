"""An installation with a head node and a real Spark cluster, whose spark-submit says when it begins and ends."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.installation import SCRIPTS
from tests.stack.spark import spark_home
from tests.stack.spark_cluster import SparkCluster, spark_cluster
from tests.targets.conftest import Hosts
from tests.targets.head_node import facts_of, head_node, lay_out_sample

MEMORY = "3g"
STAMP = re.compile(rb"^spark-submit (begins|ended) at ([\d.]+)$", re.MULTILINE)
PROGRAM = """#!/bin/bash
echo "spark-submit begins at $(date +%s.%N)"
SPARK_HOME={home} {home}/bin/spark-submit "$@"
code=$?
echo "spark-submit ended at $(date +%s.%N)"
exit $code
"""


@dataclass(frozen=True)
class SparkHost:
    """The installation, the cluster, the project's folder, and the Spark whose spark-submit tells the time."""

    hosts: Hosts
    cluster: SparkCluster
    code: Path
    home: Path

    @property
    def submit(self) -> str:
        """The program."""
        return str(self.home / "bin/spark-submit")

    def facts(self, **more: Any) -> dict[str, Any]:
        """Return what an administrator says of a target for that cluster, with Java as it is."""
        pages = {"spark.master.ui.port": str(self.cluster.page)}
        said = {"spark_home": str(self.home), "spark_configuration": pages, **more}
        return facts_of(self.hosts, self.cluster, self.cluster.master, **said)

    def shares(self, number: int, submitted: float) -> tuple[float, float, float]:
        """Return seconds of a run that was submitted then: before spark-submit, after it, and in all."""
        run = self.hosts.system.run(number)
        assert run["state"] == "completed", (run, self.hosts.system.log(number)[-3000:])
        told = {word.decode(): float(moment) for word, moment in STAMP.findall(self.hosts.system.log(number))}
        finished = datetime.fromisoformat(run["finished_at"]).timestamp()
        return told["begins"] - submitted, finished - told["ended"], finished - submitted


@contextmanager
def spark_host() -> Iterator[SparkHost]:
    """Give it, with the sample and the measuring scripts as its project; it is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="amlweb-spark-host-") as name, spark_cluster(MEMORY) as cluster:
        folder = Path(name)
        lay_out_sample(folder / "code")
        for script in SCRIPTS.glob("*.py"):
            (folder / "code" / script.name).write_bytes(script.read_bytes())
        program = folder / "spark/bin/spark-submit"
        program.parent.mkdir(parents=True)
        program.write_text(PROGRAM.format(home=spark_home()))
        program.chmod(0o755)
        with head_node(folder / "code", folder / "packages") as hosts:
            yield SparkHost(hosts, cluster, folder / "code", folder / "spark")
