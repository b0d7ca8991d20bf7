"""Where Spark and Java are looked for, and what is said when they are missing."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import Condition
from computes.errors import PreparationFailed
from computes.executors.process import ProcessExecutor
from computes.executors.spark.discovery import ask_machine
from computes.machines.local import LocalMachine
from tests.computes.on_targets import Bench
from tests.stack.spark import python_with_pyspark, spark_home

TOOLS = "/usr/bin:/bin"


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\necho 'openjdk version \"21.0.3\" 2024-04-16' >&2\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Return a PATH with bash and nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "bash").symlink_to("/bin/bash")
    return folder


def found_in(
    environment: dict[str, str], location: str = "spark-submit", python: str = sys.executable
) -> dict[str, str]:
    return ask_machine(LocalMachine(), python, location, environment, with_versions=True)


def test_the_interpreters_own_pyspark_comes_first(tmp_path: Path, tools: Path) -> None:
    other = program(tmp_path / "other/bin/spark-submit")
    java = program(tmp_path / "java/bin/java")
    environment = {"PATH": str(tools), "SPARK_HOME": str(other.parents[1]), "JAVA_HOME": str(java.parents[1])}
    found = found_in(environment, python=python_with_pyspark())
    assert (found["submit"], found["spark_home"]) == (str(spark_home() / "bin/spark-submit"), str(spark_home()))
    assert (found["spark_version"], found["java"], found["java_version"]) == ("4.3.0", str(java), "21.0.3")
    assert "problem" not in found


def test_without_pyspark_it_is_spark_home_then_the_path(tmp_path: Path, tools: Path) -> None:
    home = program(tmp_path / "home/bin/spark-submit").parents[1]
    in_path = program(tools / "spark-submit")
    environment = {"PATH": str(tools)}
    assert found_in({**environment, "SPARK_HOME": str(home)})["submit"] == str(home / "bin/spark-submit")
    found = found_in({**environment, "SPARK_HOME": "/nowhere"})
    assert (found["submit"], found["spark_home"]) == (str(in_path), "")


def test_what_the_target_names_is_taken_literally(tmp_path: Path, tools: Path) -> None:
    mine = program(tmp_path / "mine/spark-submit")
    assert found_in({"PATH": str(tools)}, str(mine))["submit"] == str(mine)
    found = found_in({"PATH": str(tools)}, "/nowhere/spark-submit", python_with_pyspark())
    assert "/nowhere/spark-submit" in found["problem"]
    assert "sparkSubmitLocation" in found["remedy"]


def test_a_wrong_java_home_and_a_missing_bash_are_named(tmp_path: Path, tools: Path) -> None:
    found = found_in({"PATH": str(tools), "JAVA_HOME": "/nowhere/java"}, python=python_with_pyspark())
    assert "JAVA_HOME is '/nowhere/java'" in found["problem"]
    java = program(tmp_path / "java/bin/java").parents[1]
    (tools / "bash").unlink()
    found = found_in({"PATH": str(tools), "JAVA_HOME": str(java)}, python=python_with_pyspark())
    assert "bash" in found["problem"]


def test_a_run_without_spark_does_not_start_and_says_what_to_install(executor: ProcessExecutor, bench: Bench) -> None:
    bare = replace(bench, python=sys.executable, environment={"PATH": TOOLS, "SPARK_HOME": ""})
    request = bare.request("print('never')")
    with pytest.raises(PreparationFailed, match="There is no Spark") as caught:
        executor.start(request)
    assert "pip install pyspark" in caught.value.remedy
    assert executor.poll(request.address).condition is Condition.ABSENT
    items = {item.name: item for item in executor.check(bare.settings())}
    assert items["Spark"].ok
    assert "does not run here" in items["Spark"].detail


def test_a_run_without_java_does_not_start_and_says_what_to_install(executor: ProcessExecutor, bench: Bench) -> None:
    request = replace(bench, environment={"JAVA_HOME": "/nowhere"}).request("print('never')")
    with pytest.raises(PreparationFailed, match="Spark needs Java"):
        executor.start(request)


def test_a_check_tells_the_versions_of_both(executor: ProcessExecutor, bench: Bench) -> None:
    items = {item.name: item for item in executor.check(bench.settings())}
    assert items["Spark"].detail == f"Spark 4.3.0: {spark_home()}/bin/spark-submit"
    assert items["Java"].detail.startswith("Java ")
    assert os.access(items["Java"].detail.rpartition(" ")[2], os.X_OK)
