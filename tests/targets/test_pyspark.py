"""A PySpark script in a whole installation: in a container, here and through SSH, with a Maven package and a prepared
environment."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack.left_out import need
from tests.stack.package_server import package_server
from tests.stack.parts import JAVA
from tests.stack.spark import NUMPY, PACKAGE, QUICK_JAVA, import_spark_image, make_maven_repository
from tests.targets.conftest import CODE, Hosts, running_hosts
from tests.targets.head_node import assert_trained, lay_out_sample, prepare, train

pytestmark = [pytest.mark.stack, pytest.mark.one_database, pytest.mark.timeout(600)]
SECONDS = 240
SCRIPT = """
import os, sys
from pyspark.sql import SparkSession
from amlweb_run import log

def facts(_):
    import towel
    return sys.prefix, towel.__name__, os.getpid() != DRIVER

DRIVER = os.getpid()
context = SparkSession.builder.getOrCreate().sparkContext
workers = set(context.parallelize([1, 2], 2).map(facts).collect())
log("workers", len(workers))
open("outputs/words.txt", "w").write(context._jvm.org.example.Towel.words())
partitions = context.getConf().get("spark.sql.shuffle.partitions")
print("seen", *sys.argv[1:], workers == {(sys.prefix, "towel", True)}, partitions)
"""
RUN_CONFIGURATION = "ArgumentVector: [$file, a b]\nTarget: box\nFramework: PySpark\nEnvironmentVariables:\n"
DEPENDENCIES = """configuration:
  spark.sql.shuffle.partitions: 3
  spark.log.level: ERROR
  spark.submit.deployMode: cluster
repositories: [{maven}]
packages:
  - {{group: org.example, artifact: towel, version: '1.0'}}
"""


@pytest.fixture(scope="module")
def maven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a Maven repository behind a real server."""
    need(JAVA)
    folder = tmp_path_factory.mktemp("maven")
    make_maven_repository(folder / "maven")
    with package_server(folder) as server:
        yield server.address("maven")


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory, maven: str) -> Path:
    """The project's folder."""
    variables = "".join(f"  {name}: '{value}'\n" for name, value in QUICK_JAVA.items())
    wrong = DEPENDENCIES.format(maven=maven).replace("'1.0'", "'9.9'")
    files = {
        "spark.py": SCRIPT,
        "aml_config/conda_dependencies.yml": CODE["aml_config/conda_dependencies.yml"],
        "aml_config/box.runconfig": RUN_CONFIGURATION + variables + "SparkDependenciesFile: aml_config/towel.yml\n",
        "aml_config/towel.yml": DEPENDENCIES.format(maven=maven),
        "aml_config/wrong.yml": wrong,
        "aml_config/wrong.runconfig": RUN_CONFIGURATION + variables + "SparkDependenciesFile: aml_config/wrong.yml\n",
    }
    folder = tmp_path_factory.mktemp("code")
    lay_out_sample(folder)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def hosts(code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """A running installation with these scripts."""
    with running_hosts(code, tmp_path_factory, NUMPY) as running:
        yield running


@pytest.fixture(scope="module")
def _boxes(hosts: Hosts) -> None:
    """Attach an engine whose base image has Java and Spark, and the same one over SSH; environments are prepared."""
    facts: dict[str, Any] = hosts.containers(import_spark_image(hosts.engine.socket))
    hosts.attach("box", kind="localdocker", user_managed_environment=False, **facts)
    hosts.attach("far", kind="remotedocker", user_managed_environment=False, **facts, **hosts.ssh())


def end_of(hosts: Hosts, number: int) -> dict[str, Any]:
    """Return a run when it has ended; one that does not end is shown with all that is known of it."""
    try:
        return hosts.system.wait_for_end(number, SECONDS)
    except AssertionError as error:
        run, log = hosts.system.run(number), hosts.system.log(number).decode()
        raise AssertionError(f"{run['state']} {run['events']}\n{log[-5_000:]}") from error


@pytest.mark.usefixtures("_boxes")
@pytest.mark.parametrize("target", ["box", "far"])
def test_a_pyspark_script_has_its_package_and_its_environment_in_every_worker(hosts: Hosts, target: str) -> None:
    system = hosts.system
    number = system.submit("spark.py", "a b", target=target, run_configuration="box")
    run = end_of(hosts, number)
    log = system.log(number).decode()
    assert run["state"] == "completed", (run["reason_text"], run["reason_detail"], log)
    assert "seen a b True 3\n" in log
    assert run["framework"] == "PySpark"
    assert run["spark"]["packages"] == [PACKAGE]
    assert "towel" in run["packages"]
    answer = system.call("GET", f"/projects/hello/runs/{number}/outputs/words.txt")
    assert answer.content == b"do not panic"
    metrics = system.call("GET", f"/projects/hello/runs/{number}/metrics").json()
    assert [point["value"] for point in metrics["workers"]] == [1]


@pytest.mark.usefixtures("_boxes")
def test_a_package_that_is_not_there_is_named_by_the_run(hosts: Hosts, maven: str) -> None:
    number = hosts.system.submit("spark.py", target="box", run_configuration="wrong")
    run = end_of(hosts, number)
    assert (run["state"], run["reason"]) == ("failed", "preparation_failed"), hosts.system.log(number).decode()
    assert "Spark could not get org.example:towel:9.9." in run["reason_detail"]
    assert "add the repository" in run["reason_detail"]


@pytest.mark.usefixtures("_boxes")
def test_the_sample_trains_unchanged_in_a_container(hosts: Hosts) -> None:
    prepare(hosts.system, "box", SECONDS)
    assert_trained(hosts.system, train(hosts.system, "box", environment_variables=QUICK_JAVA), SECONDS)
