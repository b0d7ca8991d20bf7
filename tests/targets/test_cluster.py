"""A PySpark script in a whole installation: on a Spark cluster behind a head node, in an environment of its own."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stack.conda_channel import make_conda_channel
from tests.stack.left_out import need
from tests.stack.package_server import package_server
from tests.stack.parts import JAVA, SSHD
from tests.stack.spark import spark_home
from tests.stack.spark_cluster import QUICK_JAVA, SparkCluster, spark_cluster
from tests.stack.sshd import sshd
from tests.stack.system import running_system, wait_until
from tests.targets.conftest import CODE, Hosts

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]
SECONDS = 400
SCRIPT = """
import os, sys, time
from pyspark.sql import SparkSession
from amlweb_run import log
spark = SparkSession.builder.appName("mine").getOrCreate()
def seen(number):
    import os, sys, time, towel
    time.sleep(0.2)
    return sys.prefix == os.getcwd() + "/environment"
found = spark.sparkContext.parallelize(range(40), 40).map(seen).collect()
log("nodes", sum(found))
open("outputs/nodes.txt", "w").write(str(sum(found)))
print("seen", sum(found), *sys.argv[1:])
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[SparkCluster]:
    """A running cluster."""
    need(SSHD, JAVA)
    with spark_cluster() as running:
        yield running


@pytest.fixture(scope="module")
def head(cluster: SparkCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """An installation with the head node of that cluster."""
    channel = make_conda_channel(tmp_path_factory.mktemp("channel") / "made")
    code = tmp_path_factory.mktemp("code")
    (code / "aml_config").mkdir()
    (code / "nodes.py").write_text(SCRIPT)
    (code / "aml_config/conda_dependencies.yml").write_text(CODE["aml_config/conda_dependencies.yml"])
    with sshd() as host, package_server(channel.folder) as packages:
        sources = {
            "AMLWEB_CHANNEL_ALIAS": packages.address("").rstrip("/"),
            "AMLWEB_PIP_INDEX": packages.address("simple"),
        }
        with running_system(code, environment=sources) as system:
            no_engine: Any = None
            hosts = Hosts(system, no_engine, host, channel.folder)
            configuration = {
                "spark.master.ui.port": str(cluster.page),
                "spark.driver.extraJavaOptions": QUICK_JAVA,
                "spark.executor.extraJavaOptions": QUICK_JAVA,
            }
            facts = {"spark_home": str(spark_home()), "spark_configuration": configuration, **hosts.ssh()}
            managed = {"user_managed_environment": False, "yarn_deploy_mode": "client"}
            takes = {"default_executors": 1, "default_executor_memory_bytes": 512 * 2**20}
            hosts.attach("sparky", kind="cluster", spark_master=cluster.master, **managed, **takes, **facts)
            yield hosts


def test_a_script_runs_on_the_nodes_in_its_own_environment_and_all_of_it_comes_home(head: Hosts) -> None:
    system = head.system
    number = system.submit("nodes.py", "a b", "é", target="sparky", framework="PySpark")
    wait_until(lambda: system.run(number)["application"] or system.run(number)["finished_at"], SECONDS)
    run = system.wait_for_end(number, SECONDS)
    log = system.log(number).decode()
    assert run["state"] == "completed", (run["reason_text"], run["reason_detail"], log)
    assert "seen 40 a b é\n" in log
    outputs = system.call("GET", f"/projects/hello/runs/{number}/outputs").json()
    assert [output["path"] for output in outputs] == ["nodes.txt"]
    metrics = system.call("GET", f"/projects/hello/runs/{number}/metrics").json()
    assert [point["value"] for point in metrics["nodes"]] == [40]
    assert "towel" in run["packages"]
