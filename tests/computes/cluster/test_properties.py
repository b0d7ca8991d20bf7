"""What spark-submit on a head node is told: whose word counts, and what is in no property."""

from dataclasses import replace

import pytest

from computes.cluster_contract import ClusterSettings, DeployMode
from computes.contract import SparkSettings
from computes.executors.cluster.executor import ClusterExecutor
from computes.executors.cluster.homes import with_homes
from computes.executors.cluster.place import NODES_PYTHON, on_the_cluster
from computes.executors.cluster.program import cluster_program
from computes.executors.spark.program import properties_of
from computes.machines.local import LocalMachine
from tests.computes.on_targets import Bench

CLUSTER = ClusterSettings(
    master="yarn",
    deploy_mode=DeployMode.CLIENT,
    queue="silver",
    principal="trainer@LAB",
    keytab="/etc/trainer.keytab",
    configuration={
        "spark.executor.memory": "2g",
        "spark.task.maxFailures": "2",
        "spark.yarn.tags": "team",
        "spark.app.name": "no",
    },
)


def told(cluster: ClusterSettings, pack: str = "", modules: str = "", **asked: str) -> dict[str, str]:
    """Return the properties of a run that asks for some."""
    names = {name.replace("_", "."): value for name, value in asked.items()}
    spark = SparkSettings(configuration=names)
    return properties_of(spark, on_the_cluster(cluster, spark, "/w/run", "abc", "/w/ivy", pack, modules))


def test_a_project_changes_neither_master_nor_queue_nor_credentials() -> None:
    found = told(
        CLUSTER,
        spark_master="local[*]",
        spark_submit_deployMode="cluster",
        spark_yarn_queue="gold",
        spark_kerberos_keytab="/mine",
        spark_yarn_principal="root",
        spark_app_name="mine",
        spark_pyspark_python="/mine",
        spark_executor_memory="64g",
        spark_executor_cores="3",
    )
    assert found.pop("spark.ui.port").isdigit()
    assert found == {
        "spark.master": "yarn",
        "spark.submit.deployMode": "client",
        "spark.app.name": "abc",
        "spark.yarn.queue": "silver",
        "spark.kerberos.principal": "trainer@LAB",
        "spark.kerberos.keytab": "/etc/trainer.keytab",
        "spark.executor.memory": "64g",
        "spark.executor.cores": "3",
        "spark.task.maxFailures": "2",
        "spark.yarn.tags": "team,abc",
    }


def test_the_pack_and_the_modules_are_added_to_what_the_project_sends() -> None:
    found = told(CLUSTER, "/w/a b/x.tar.gz", "/w/m.zip", spark_archives="hdfs:///a.zip", spark_submit_pyFiles="a.py")
    assert found["spark.archives"] == "hdfs:///a.zip,file:///w/a%20b/x.tar.gz#environment"
    assert found["spark.submit.pyFiles"] == "a.py,file:///w/m.zip"


def test_the_nodes_use_the_packed_python_only_where_there_is_one() -> None:
    spark = SparkSettings()
    place = on_the_cluster(CLUSTER, spark, "/w/run", "abc", "/w/ivy", "/w/x.tar.gz", "")
    assert place.workers_python == NODES_PYTHON
    assert place.defaults["spark.executorEnv.PYTHONNOUSERSITE"] == "1"
    without = on_the_cluster(CLUSTER, spark, "/w/run", "abc", "/w/ivy", "", "")
    assert without.workers_python == ""
    assert "spark.executorEnv.PYTHONNOUSERSITE" not in without.defaults


@pytest.mark.parametrize(
    ("master", "is_here"),
    [
        ("local[*]", True),
        ("spark://127.0.0.1:7077", True),
        ("spark://127.0.0.1:7077,head:7077", False),
        ("spark://head:7077", False),
        ("yarn", False),
    ],
)
def test_the_driver_stays_on_the_loopback_only_where_nobody_else_must_reach_it(master: str, is_here: bool) -> None:
    place = on_the_cluster(replace(CLUSTER, master=master), SparkSettings(), "/w/run", "abc", "/w/ivy", "", "")
    assert (place.defaults.get("spark.driver.host") == "127.0.0.1") == is_here
    assert ("SPARK_LOCAL_IP" in place.environment) == is_here
    assert ("spark.yarn.tags" in place.fixed) == (master == "yarn") or "team" in place.fixed["spark.yarn.tags"]


def test_a_head_node_without_spark_is_named_before_anything_starts(no_cluster_bench: Bench) -> None:
    executor = ClusterExecutor(LocalMachine())
    bench = replace(no_cluster_bench, cluster=replace(CLUSTER, master="local[*]", spark_home="/nowhere"))
    items = {item.name: item for item in executor.check(bench.settings())}
    assert not items["Spark"].ok
    assert "Spark home" in items["Spark"].remedy
    yarn = replace(bench, cluster=replace(CLUSTER, spark_home="/nowhere", keytab="/no/keytab"))
    items = {item.name: item for item in executor.check(yarn.settings())}
    assert (items["YARN"].ok, items["Keytab"].ok) == (False, False)
    silent = replace(bench, cluster=replace(CLUSTER, master="spark://127.0.0.1:1", spark_home="/nowhere"))
    items = {item.name: item for item in executor.check(silent.settings())}
    assert not items["Spark master"].ok
    assert "spark://127.0.0.1:1" in items["Spark master"].detail


def test_homes_and_keytab_below_the_accounts_home_are_found_there(
    no_cluster_bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/trainer")
    cluster = replace(CLUSTER, spark_home="~/spark/", java_home="~/java", keytab="~/trainer.keytab")
    found = with_homes(LocalMachine(), replace(no_cluster_bench, cluster=cluster).settings())
    assert (found.environment["SPARK_HOME"], found.environment["JAVA_HOME"]) == (
        "/home/trainer/spark",
        "/home/trainer/java",
    )
    assert found.spark_submit_location == "/home/trainer/spark/bin/spark-submit"
    assert found.cluster is not None
    assert told(found.cluster)["spark.kerberos.keytab"] == "/home/trainer/trainer.keytab"


@pytest.mark.parametrize(("port", "first"), [("4050", 4050), ("abc", 0), ("", 0)])
def test_a_port_that_is_none_is_for_spark_to_refuse(port: str, first: int, no_cluster_bench: Bench) -> None:
    cluster = replace(CLUSTER, configuration={"spark.ui.port": port})
    request = replace(no_cluster_bench, cluster=cluster).request("")
    program = cluster_program(request, cluster, "python", "/in_run", "/run", ["main.py"], "/ivy", None)
    assert program["cluster"]["first_port"] == first
    assert program["spark"]["properties"]["spark.ui.port"] == port
