"""A PySpark script on a machine behind a real sshd."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import Framework, Stream
from computes.errors import PreparationFailed
from computes.executors.process import ProcessExecutor
from tests.computes.on_targets import Bench, wait_for_end
from tests.stack.left_out import need
from tests.stack.parts import JAVA
from tests.stack.spark import QUICK_JAVA, python_with_pyspark

SCRIPT = """
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("rows", spark.range(7).count(), spark.sparkContext.master, *sys.argv[1:])
sys.exit(7)
"""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    need(JAVA)
    python = python_with_pyspark()
    return Bench(tmp_path, kind="remote", python=python, framework=Framework.PYSPARK, environment=QUICK_JAVA)


def test_a_script_runs_there_by_spark_submit(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(SCRIPT, "a b", "$(id)")
    executor.start(request)
    status = wait_for_end(executor, request.address, 120)
    log = executor.read(request.address, Stream.LOG, 0, 1 << 20).decode()
    assert status.exit is not None
    assert status.exit.code == 7, log
    assert "rows 7 local[*] a b $(id)\n" in log


def test_a_machine_without_spark_is_told_apart_before_the_start(executor: ProcessExecutor, bench: Bench) -> None:
    environment = {"PATH": "/usr/bin:/bin", "SPARK_HOME": ""}
    with pytest.raises(PreparationFailed, match="There is no Spark"):
        executor.start(replace(bench, python=sys.executable, environment=environment).request(SCRIPT))
