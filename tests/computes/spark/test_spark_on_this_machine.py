"""PySpark scripts by a real spark-submit: what Spark is told, what workers see, what is kept, what nobody may see."""

import json
from dataclasses import replace
from pathlib import Path

from computes.contract import Condition, SparkSettings, Stream
from computes.executors.process import ProcessExecutor
from computes.executors.spark.failure_signs import sign_in
from tests.computes.on_targets import Bench, wait_for_end, wait_for_line
from tests.computes.test_starting_runs import HOSTILE
from tests.stack.spark import PACKAGE, python_with_pyspark

TOKEN = "hush-hush-4711"
TELL = """
import json, os, sys
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf
import amlweb_run
import beside

spark = SparkSession.builder.getOrCreate()
context = spark.sparkContext
line = open("/proc/%d/cmdline" % os.getppid(), errors="replace").read()
doubled = udf(lambda number: number * 2, "long")
amlweb_run.log("rows", spark.range(5).count())
print(json.dumps({
    "arguments": sys.argv[1:],
    "sum": sum(row[0] for row in spark.range(5).select(doubled("id")).collect()),
    "workers": context.parallelize([1, 2], 2).map(lambda _: sys.executable).distinct().collect(),
    "jvm": context._jvm.org.example.Towel.words(),
    "secret": os.environ["TOKEN"],
    "conf": dict(context.getConf().getAll()),
    "page": context.uiWebUrl,
    "line": line,
    "beside": beside.WORD,
}))
"""
BUSY = """
import time
from pyspark.sql import SparkSession

def forever(part):
    for number in part:
        print("working", flush=True)
        time.sleep(600)
        yield number

SparkSession.builder.getOrCreate().sparkContext.parallelize([1, 2], 2).mapPartitions(forever).collect()
"""
ODD_VALUE = " a=b:#! \\n é 𝄞 "


def test_a_script_has_spark_its_packages_and_everything_that_a_python_script_has(
    executor: ProcessExecutor, bench: Bench, maven: str
) -> None:
    asked = {
        "spark.app.name": "café",
        "spark.odd": ODD_VALUE,
        "spark.pyspark.python": "/nowhere/python",
        "spark.master": "yarn",
        "other.thing": "1",
    }
    request = bench.request(
        TELL,
        *HOSTILE,
        secrets={"TOKEN": TOKEN},
        files={"beside.py": "WORD = 'beside'\n"},
        spark=SparkSettings(asked, (maven,), (PACKAGE,)),
    )
    executor.start(request)
    status = wait_for_end(executor, request.address, 120)
    log = executor.read(request.address, Stream.LOG, 0, 1 << 20).decode()
    assert status.exit is not None
    assert status.exit.code == 0, log
    said = json.loads(next(line for line in log.splitlines() if line.startswith('{"arguments"')))
    assert said["arguments"] == HOSTILE
    assert (said["sum"], said["jvm"], said["secret"], said["beside"]) == (20, "do not panic", TOKEN, "beside")
    assert said["workers"] == [python_with_pyspark()]
    assert said["page"] is None
    conf = said["conf"]
    assert (conf["spark.master"], conf["spark.app.name"]) == ("local[*]", "café")
    assert conf["spark.odd"] == ODD_VALUE.strip()
    assert "other.thing" not in conf
    folder = bench.run_folder(request.address)
    properties = folder / "spark.conf"
    assert properties.stat().st_mode & 0o777 == 0o600
    assert not [path for path in folder.rglob("*") if path.is_file() and path.name != "log" and has_token(path)]
    assert "SparkSubmit" in said["line"]
    assert not [part for part in (TOKEN, "café", "spark.odd", HOSTILE[1]) if f"\0{part}" in said["line"]]
    assert b'"rows"' in executor.read(request.address, Stream.METRICS, 0, 1 << 16)
    assert list((bench.work / "spark/iris/ivy/jars").glob("*towel*.jar"))
    executor.clean_up(request.address)
    assert not folder.exists()


def has_token(path: Path) -> bool:
    return TOKEN.encode() in path.read_bytes()


def test_a_stop_ends_the_workers_and_java_too(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(BUSY, spark=SparkSettings({"spark.log.level": "ERROR"}))
    executor.start(request)
    wait_for_line(executor, request.address, b"working\n")
    executor.stop(request.address, 5)
    status = wait_for_end(executor, request.address)
    assert status.condition is Condition.EXITED
    assert status.exit is not None
    assert status.exit.ended_by == "cancel"


def test_a_package_that_cannot_be_had_is_named_with_the_repositories_that_were_silent(
    executor: ProcessExecutor, bench: Bench, maven: str
) -> None:
    asked = SparkSettings({}, (maven, "http://someone:secret@127.0.0.1:9/maven"), ("org.example:towel:9.9",))
    environment = {**bench.environment, "DEFAULT_ARTIFACT_REPOSITORY": "http://127.0.0.1:9/central/"}
    request = replace(bench, environment=environment).request("print('never')", spark=asked)
    executor.start(request)
    status = wait_for_end(executor, request.address)
    log = executor.read(request.address, Stream.LOG, 0, 1 << 20).decode()
    assert status.exit is not None
    assert status.exit.code == 1
    sign = sign_in(log)
    assert sign is not None, log
    assert sign.text.startswith("Spark could not get org.example:towel:9.9. These repositories did not answer: ")
    assert "http://127.0.0.1:9/maven (" in sign.text
    assert "secret" not in sign.text
    assert "add the repository" in sign.remedy
