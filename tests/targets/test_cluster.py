"""PySpark in a whole installation: on a Spark cluster behind a head node, in an environment of its own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack.left_out import need
from tests.stack.parts import JAVA, SSHD
from tests.stack.spark import python_with_pyspark
from tests.stack.spark_cluster import SparkCluster, spark_cluster
from tests.stack.system import wait_until
from tests.targets.conftest import Hosts
from tests.targets.head_node import assert_trained, facts_of, head_node, lay_out_sample, prepare, train, verified

pytestmark = [pytest.mark.stack, pytest.mark.one_database, pytest.mark.timeout(900)]
SECONDS = 400
TASKS = 40
SCRIPT = """
import os, sys, time
from pyspark.sql import SparkSession
from amlweb_run import log
spark = SparkSession.builder.appName("mine").getOrCreate()
def seen(number):
    import os, sys, time, numpy
    time.sleep(0.2)
    return sys.prefix == os.getcwd() + "/environment"
found = spark.sparkContext.parallelize(range(40), 40).map(seen).collect()
for _ in range(3000):  # what Spark says of itself is gone with the script
    if os.path.exists(os.environ["GO"]):
        break
    time.sleep(0.1)
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
    """An installation with the head node of that cluster, which has prepared environments."""
    code = tmp_path_factory.mktemp("code")
    lay_out_sample(code)
    (code / "nodes.py").write_text(SCRIPT)
    with head_node(code, tmp_path_factory.mktemp("channel") / "made") as hosts:
        hosts.attach("sparky", **facts_of(hosts, cluster, cluster.master))
        yield hosts


@pytest.fixture(scope="module")
def trained(head: Hosts) -> dict[str, Any]:
    """The run that has trained the sample on the cluster, in an environment that was prepared before."""
    prepare(head.system, "sparky", SECONDS)
    return assert_trained(head.system, train(head.system, "sparky"), SECONDS)


def test_the_sample_trains_on_the_nodes_and_all_of_it_comes_home(trained: dict[str, Any]) -> None:
    assert "numpy" in trained["packages"]
    assert trained["environment"]["state"] == "ready"


def test_a_script_runs_on_the_nodes_in_its_own_environment(
    head: Hosts, trained: dict[str, Any], tmp_path: Path
) -> None:
    system, go = head.system, tmp_path / "go"
    variables = {"GO": str(go)}
    number = system.submit(
        "nodes.py", "a b", "é", target="sparky", run_configuration="spark", environment_variables=variables
    )

    def is_seen() -> bool:
        run = system.run(number)
        return bool(run["finished_at"] or (run["application"] or {}).get("tasks_done", 0) >= TASKS)

    wait_until(is_seen, SECONDS)
    go.touch()
    run = system.wait_for_end(number, SECONDS)
    log = system.log(number).decode()
    assert run["state"] == "completed", (run["reason_text"], run["reason_detail"], log)
    assert "seen 40 a b é\n" in log
    outputs = system.call("GET", f"/projects/hello/runs/{number}/outputs").json()
    assert [output["path"] for output in outputs] == ["nodes.txt"]
    metrics = system.call("GET", f"/projects/hello/runs/{number}/metrics").json()
    assert [point["value"] for point in metrics["nodes"]] == [40]
    assert run["environment"]["hash"] == trained["environment"]["hash"]
    assert run["application"]["tasks_done"] >= TASKS


def test_the_sample_trains_unchanged_on_every_other_target_of_that_host(head: Hosts, cluster: SparkCluster) -> None:
    python = python_with_pyspark()
    with_numpy = {"user_managed_environment": True, "python_location": python}
    head.attach("alone", **facts_of(head, cluster, "local[*]", **with_numpy))
    head.attach("remote", kind="remote", **with_numpy, **head.ssh())
    head.attach("here", kind="local", python_location=python)
    numbers = [train(head.system, target) for target in ("alone", "remote", "here")]
    for number in numbers:
        assert_trained(head.system, number, SECONDS)


def test_an_administrator_verifies_the_cluster(head: Hosts, trained: dict[str, Any]) -> None:
    done = verified(head.system, "sparky", "--environment", trained["environment"]["hash"][:12], "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    seen = {step["name"]: step["seen"] for step in report["steps"]}
    assert report["holds"]
    assert "app-" in seen["Application"]
    assert seen["Executors' Python"].startswith(f"Python {trained['interpreter_version']} on 1 host")
