"""PySpark in containers: with Java and Spark of the image, as an account that the image does not know."""

from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import Framework, SparkSettings, StopState, Stream
from computes.errors import PreparationFailed
from computes.executors.docker.executor import DockerExecutor
from tests.computes.docker.conftest import DockerBench
from tests.computes.on_targets import wait_for_end, wait_for_line
from tests.computes.python_scripts import WAIT
from tests.stack.left_out import need
from tests.stack.parts import JAVA
from tests.stack.spark import PACKAGE, QUICK_JAVA, SPARK_HOME, import_spark_image, make_maven_repository

UNKNOWN = "12345:12345"
ADD_UP = """
import os, pwd, sys
from pyspark.sql import SparkSession
context = SparkSession.builder.getOrCreate().sparkContext
workers = context.parallelize(range(4), 2).map(lambda number: (number * number, os.getuid())).collect()
print(context.master, pwd.getpwuid(os.getuid()).pw_name, context._jvm.org.example.Towel.words(), *sys.argv[1:])
open("outputs/sum.txt", "w").write(str(workers))
sys.exit(7)
"""


@pytest.fixture(scope="module")
def spark_image(docker_socket: str) -> str:
    need(JAVA)
    return import_spark_image(docker_socket)


@pytest.fixture
def bench(bench: DockerBench, spark_image: str) -> DockerBench:
    return replace(bench.with_container(image=spark_image), framework=Framework.PYSPARK, environment=QUICK_JAVA)


def test_a_script_of_an_unknown_account_has_spark_and_its_packages(
    executor: DockerExecutor, bench: DockerBench, tmp_path: Path
) -> None:
    make_maven_repository(tmp_path / "maven")
    maven = {path.relative_to(tmp_path).as_posix(): path for path in (tmp_path / "maven").rglob("towel*")}
    bench = bench.with_container(user=UNKNOWN)
    asked = SparkSettings({"spark.log.level": "ERROR"}, ("file:///azureml-share/maven",), (PACKAGE,))
    shared = replace(bench, native_shared_directory=str(tmp_path / "share"))
    for name, path in maven.items():
        if path.is_file():
            place = tmp_path / "share/iris" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    (tmp_path / "share").chmod(0o755)
    request = shared.request(ADD_UP, "a b", "", "$(id)", spark=asked)
    executor.start(request)
    status = wait_for_end(executor, request.address, 120)
    log = executor.read(request.address, Stream.LOG, 0, 1 << 20).decode()
    assert status.exit is not None
    assert status.exit.code == 7, log
    assert "local[*] amlweb do not panic a b  $(id)\n" in log
    assert "UnknownHostException" not in log
    assert [entry.path for entry in executor.collect(request.address, tmp_path / "kept")] == ["sum.txt"]
    assert (tmp_path / "kept/sum.txt").read_text() == "[(0, 12345), (1, 12345), (4, 12345), (9, 12345)]"
    assert list((bench.work / "spark/iris/ivy/jars").glob("*towel*.jar"))
    items = {item.name: item for item in executor.check(bench.settings())}
    assert items["Spark"].detail == f"Spark 4.3.0: {SPARK_HOME}/bin/spark-submit"
    assert items["Java"].detail.startswith("Java ")


def test_a_script_whose_folder_is_copied_is_stopped(executor: DockerExecutor, bench: DockerBench) -> None:
    request = bench.with_container(is_shared=False).request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    assert executor.stop(request.address, 5).state is StopState.ENDING
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.ended_by == "cancel"


def test_an_image_without_java_is_named_before_the_start(executor: DockerExecutor, bench: DockerBench) -> None:
    with pytest.raises(PreparationFailed, match="Spark needs Java"):
        executor.start(replace(bench, environment={"JAVA_HOME": "/nowhere"}).request(WAIT))
