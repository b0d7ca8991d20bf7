"""What becomes spark-submit, and then the script, works with every Python from 3.6 on that this machine has.

The spark-submit here is a small program that keeps what it was given and runs its driver, because no Spark runs on all
of these Pythons.
"""

import json
from pathlib import Path

import pytest

from computes.contract import Framework, SparkSettings, Stream
from computes.executors.process import ProcessExecutor
from tests.computes.on_targets import Bench, wait_for_end
from tests.computes.test_starting_runs import HOSTILE
from tests.computes.test_supervisor_on_old_pythons import find_pythons

SUBMIT = '#!/bin/sh\n[ "$1" = --properties-file ] || exit 3\ncp "$2" given.conf\nexec "$PYSPARK_DRIVER_PYTHON" "$3"\n'
SCRIPT = """
import json, os, sys
names = ("SPARK_HOME", "SPARK_LOCAL_IP", "SPARK_SUBMIT_OPTS", "PYSPARK_PYTHON")
print(json.dumps([sys.argv[1:], {name: os.environ[name] for name in names}, open("given.conf").read()]))
"""


@pytest.mark.parametrize("python", find_pythons())
def test_the_launcher_hands_over_all_of_it(python: str, executor: ProcessExecutor, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for path, text in (("bin/spark-submit", SUBMIT), ("java/bin/java", "#!/bin/sh\n")):
        (home / path).parent.mkdir(parents=True)
        (home / path).write_text(text)
        (home / path).chmod(0o755)
    (home / "conf").mkdir()
    (home / "conf/spark-defaults.conf").write_text("spark.ui.enabled true\nspark.of.host yes")
    environment = {"SPARK_HOME": str(home), "JAVA_HOME": str(home / "java"), "SPARK_SUBMIT_OPTS": "-Dmine=1"}
    bench = Bench(tmp_path, python=python, framework=Framework.PYSPARK, environment=environment)
    asked = SparkSettings(
        {"spark.a b": "1", "spark.é": "𝄞\\x", "spark.jars.packages": "a:b:1"}, ("file:/m",), ("c:d:2",)
    )
    request = bench.request(SCRIPT, *HOSTILE, spark=asked)
    executor.start(request)
    status = wait_for_end(executor, request.address)
    log = executor.read(request.address, Stream.LOG, 0, 1 << 20).decode()
    assert status.exit is not None
    assert status.exit.code == 0, log
    arguments, variables, conf = json.loads(log)
    folder = bench.run_folder(request.address)
    assert arguments == HOSTILE
    assert variables["SPARK_HOME"] == str(home)
    assert variables["SPARK_LOCAL_IP"] == "127.0.0.1"
    assert variables["SPARK_SUBMIT_OPTS"] == f'-Djava.io.tmpdir="{folder}/spark/tmp" -Dmine=1'
    assert variables["PYSPARK_PYTHON"] == python
    places = [
        conf.index(text) for text in ("spark.ui.enabled=false\n", "spark.ui.enabled true\n", "spark.of.host yes\n")
    ]
    assert places == sorted(places)
    assert conf[places[-1] :].split("\n", 2)[2] == (
        "spark.master=local[*]\nspark.a\\ b=1\nspark.\\u00e9=\\ud834\\udd1e\\\\x\n"
        "spark.jars.packages=a:b:1,c:d:2\nspark.jars.repositories=file:/m\n"
        f"spark.pyspark.python={python}\nspark.pyspark.driver.python={python}\n"
    )
