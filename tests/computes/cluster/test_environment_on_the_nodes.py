"""An environment that the machine itself does not have, packed once on the head node and seen in the executors."""

from dataclasses import replace

import pytest

from computes.contract import ExecutionRequest, SparkSettings, Stream
from computes.environments.folder_place import FolderPlace
from computes.executors.cluster.executor import ClusterExecutor
from computes.executors.spark.failure_signs import sign_in
from computes.in_run.amlweb_cluster.packing import BEGINNING
from tests.computes.cluster.built_environment import build_environment
from tests.computes.cluster.conftest import SECONDS
from tests.computes.on_targets import INSTALLATION, Bench, wait_for_end
from tests.stack.spark import PACKAGE, make_maven_repository

SCRIPT = """
import sys
import towel
from pyspark.sql import SparkSession
import beside
spark = SparkSession.builder.getOrCreate()
def seen(number):
    import os, sys, towel, beside
    return os.getcwd(), sys.prefix, os.path.dirname(towel.__file__), beside.word
print("driver", sys.prefix)
print("words", spark._jvm.org.example.Towel.words())
for place, prefix, package, word in set(spark.sparkContext.parallelize(range(4), 2).map(seen).collect()):
    print("executor", prefix == place + "/environment", package.startswith(prefix), word)
"""


@pytest.fixture
def request_in_environment(
    bench: Bench, executor: ClusterExecutor, tmp_path_factory: pytest.TempPathFactory
) -> ExecutionRequest:
    """A run in an environment with one package, with a jar from a Maven repository and a module beside the script."""
    folder = tmp_path_factory.mktemp("packages")
    maven = make_maven_repository(folder / "maven")
    hash = build_environment(executor.machine, bench.work, folder)
    spark = SparkSettings(repositories=(maven,), packages=(PACKAGE,))
    request = bench.request(SCRIPT, files={"beside.py": "word = 'hello'\n"}, spark=spark)
    return replace(request, environment_hash=hash)


def test_the_environment_is_packed_once_and_each_executor_has_it(
    executor: ClusterExecutor, bench: Bench, request_in_environment: ExecutionRequest
) -> None:
    first = request_in_environment
    second = replace(first, address=bench.address())
    for request in (first, second):
        executor.start(request)
    logs = []
    for request in (first, second):
        status = wait_for_end(executor, request.address, SECONDS)
        logs.append(executor.read(request.address, Stream.LOG, 0, 1 << 20).decode())
        assert status.exit is not None
        assert status.exit.code == 0, logs[-1]
    prefix = bench.work / "env" / first.environment_hash
    for log in logs:
        assert f"driver {prefix}\n" in log
        assert "executor True True hello\n" in log
        assert "executor False" not in log
        assert "words do not panic\n" in log
    assert sum(log.count(BEGINNING) for log in logs) == 1
    packs = bench.work / "packs"
    assert [path.name for path in packs.iterdir() if not path.name.endswith(".lock")] == [f"{prefix.name}.tar.gz"]
    FolderPlace(executor.machine, str(bench.work), INSTALLATION).remove(first.environment_hash)
    assert not list(packs.glob("*.tar.gz"))


def test_a_pack_that_cannot_be_made_is_told_in_words(
    executor: ClusterExecutor, bench: Bench, request_in_environment: ExecutionRequest
) -> None:
    (bench.work / "packs").write_text("a file where a folder should be")
    executor.start(request_in_environment)
    status = wait_for_end(executor, request_in_environment.address, SECONDS)
    log = executor.read(request_in_environment.address, Stream.LOG, 0, 1 << 20).decode()
    assert status.exit is not None
    assert status.exit.code == 126
    sign = sign_in(log)
    assert sign is not None
    assert "could not be packed" in sign.text
