"""A target behind Livy in a whole installation. Livy is played (contract) and starts the real driver program with plain
Python, for the sample with a real Spark; the storage is a folder that both sides have."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack.conda_channel import make_conda_channel
from tests.stack.left_out import need
from tests.stack.livy_contract import LivyContract, livy_contract
from tests.stack.package_server import package_server
from tests.stack.parts import JAVA
from tests.stack.spark import QUICK_JAVA, python_with_pyspark, spark_home
from tests.stack.system import System, running_system, wait_until
from tests.targets.head_node import assert_trained, lay_out_sample, train

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
SECONDS = 90
CODE = {
    "train.py": """
import os, sys, time
from amlweb_run import log
print("began", *sys.argv[1:], flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.1)
log("loss", 0.5)
open("outputs/model.txt", "w").write("weights")
print("done", flush=True)
""",
    "fail.py": "import sys\nprint('about to fail')\nsys.exit(7)\n",
    "wait.py": "import time\nprint('ready', flush=True)\ntime.sleep(600)\n",
    "packed.py": "import sys, towel\nprint(towel.VERSION, sys.prefix.rpartition('/')[2])\n",
    "aml_config/packed.runconfig": (
        "ArgumentVector: [packed.py]\nTarget: packed\nFramework: PySpark\nPrepareEnvironment: true\n"
        "CondaDependenciesFile: aml_config/towel.yml\n"
    ),
    "aml_config/towel.yml": "name: x\nchannels: [conda]\ndependencies:\n  - python\n  - towel=1\n",
    "aml_config/far.runconfig": (
        "ArgumentVector: [$file]\nTarget: far\nFramework: PySpark\nPrepareEnvironment: true\n"
        "CondaDependenciesFile: aml_config/conda_dependencies.yml\n"
    ),
    "aml_config/conda_dependencies.yml": "name: x\ndependencies:\n  - numpy\n",
}


@pytest.fixture(scope="module")
def livy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivyContract]:
    """A Livy on loopback."""
    with livy_contract(tmp_path_factory.mktemp("cluster")) as played:
        yield played


@pytest.fixture(scope="module")
def far(livy: LivyContract, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """An installation with the target `far`, attached by calls and checked."""
    code, mounted = tmp_path_factory.mktemp("code"), tmp_path_factory.mktemp("mounted")
    lay_out_sample(code)
    for name, text in CODE.items():
        (code / name).write_text(text)
    with running_system(code) as system:
        attach(system, livy, "far", mounted, sys.executable)
        yield system


def attach(system: System, livy: LivyContract, name: str, mounted: Path, python: str) -> None:
    """Attach a target behind that Livy, as an administrator does by calls."""
    facts = {
        "name": name,
        "kind": "livy",
        "slots": 4,
        "livy_url": livy.url,
        "work_folder": str(mounted),
        "storage_uri": f"file://{mounted}",
        "python_location": python,
        "batch_url": "https://livy.example/ui/batch/{batch}/log",
    }
    answer = system.call("POST", "/targets", by="ada", json=facts)
    assert answer.status_code == 201, answer.text
    system.grant(name)
    check = system.check(name)
    assert check["is_good"], check


def submit(system: System, script: str, *arguments: str, **fields: Any) -> int:
    return system.submit(script, *arguments, **{"target": "far", "framework": "PySpark", **fields})


def application(system: System, number: int) -> dict[str, Any]:
    return dict(system.run(number)["application"] or {})


def names(system: System, number: int) -> list[str]:
    outputs = system.call("GET", f"/projects/hello/runs/{number}/outputs").json()
    return [output["path"] for output in outputs]


def test_a_script_runs_and_its_log_is_live_though_the_controller_is_killed(
    far: System, livy: LivyContract, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    number = submit(far, "train.py", "a b", environment_variables={"GO": str(go)})
    wait_until(lambda: far.log(number) == b"began a b\n", SECONDS)
    wait_until(lambda: application(far, number).get("state") == "RUNNING", SECONDS)
    shown, batch = application(far, number), livy.ever[-1]
    assert (shown["id"], shown["batch"]) == (f"application_1700000000000_{batch.id:04d}", str(batch.id))
    assert shown["links"] == {
        "Livy batch": f"https://livy.example/ui/batch/{batch.id}/log",
        "Spark page by Livy": f"http://yarn.example:8088/proxy/{shown['id']}/",
        "Driver log by Livy": "http://node1.example:8042/logs",
    }
    far.kill("controller")
    go.touch()
    far.start("controller")
    run = far.wait_for_end(number, SECONDS)
    assert (run["state"], run["exit_code"]) == ("completed", 0), run
    assert far.log(number) == b"began a b\ndone\n"
    assert names(far, number) == ["model.txt"]
    metrics = far.call("GET", f"/projects/hello/runs/{number}/metrics").json()
    assert [point["value"] for point in metrics["loss"]] == [0.5]
    assert [event["to_state"] for event in run["events"]].count("running") == 1
    assert livy.ever[-1] is batch, "a second batch was asked for"


def test_an_exit_code_arrives_as_it_was(far: System) -> None:
    run = far.wait_for_end(number := submit(far, "fail.py"), SECONDS)
    assert (run["state"], run["exit_code"]) == ("failed", 7), run
    assert far.log(number) == b"about to fail\n"


def test_a_running_script_is_canceled(far: System) -> None:
    number = submit(far, "wait.py")
    wait_until(lambda: far.log(number) == b"ready\n", SECONDS)
    assert far.call("POST", f"/projects/hello/runs/{number}/cancel").status_code in (200, 202)
    run = far.wait_for_end(number, SECONDS)
    assert run["state"] == "canceled", run


def test_a_run_that_waits_in_yarn_says_so_and_can_be_canceled(far: System, livy: LivyContract) -> None:
    livy.is_full = True
    try:
        number = submit(far, "fail.py")
        wait_until(lambda: application(far, number).get("is_waiting"), SECONDS)
        assert application(far, number)["state"] == "ACCEPTED"
        assert "waits in YARN's queue" in application(far, number)["why"]
        assert far.call("POST", f"/projects/hello/runs/{number}/cancel").status_code in (200, 202)
        assert far.wait_for_end(number, SECONDS)["state"] == "canceled"
        assert far.log(number) == b""
    finally:
        livy.is_full = False


def test_a_batch_that_dies_before_its_driver_began_says_so_with_livys_words(far: System, livy: LivyContract) -> None:
    livy.is_full = True
    try:
        number = submit(far, "fail.py")
        wait_until(lambda: application(far, number).get("is_waiting"), SECONDS)
        livy.ever[-1].state, livy.ever[-1].lines = "dead", ["the flux is undone"]
        run = far.wait_for_end(number, SECONDS)
        assert (run["state"], run["reason"]) == ("failed", "start_failed"), run
        assert run["reason_detail"].endswith("Livy's last words: the flux is undone"), run
    finally:
        livy.is_full = False


@pytest.fixture
def real_spark(livy: LivyContract) -> Iterator[None]:
    """Let the batches go to a real spark-submit."""
    need(JAVA)
    livy.submit = (str(spark_home() / "bin/spark-submit"), "--master", "local[1]")
    livy.environment = {**QUICK_JAVA, "SPARK_LOCAL_IP": "127.0.0.1"}
    yield
    livy.submit, livy.environment = (), {}


@pytest.mark.one_database
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("real_spark")
def test_the_sample_trains_there_unchanged(far: System, livy: LivyContract, tmp_path: Path) -> None:
    attach(far, livy, "far-spark", tmp_path, python_with_pyspark())
    assert_trained(far, train(far, "far-spark"), 500)


def test_packages_that_cannot_be_had_there_are_refused_in_words(far: System) -> None:
    body = {"script": "fail.py", "run_configuration": "far"}
    answer = far.call("POST", "/projects/hello/runs", json=body)
    assert answer.status_code == 422
    text = answer.json()["fields"]["run_configuration"][0]
    assert "asks for the packages of aml_config/conda_dependencies.yml" in text
    assert "PrepareEnvironment: false" in text


def test_packages_go_along_in_a_packed_environment_until_it_is_removed(
    far: System, livy: LivyContract, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    channel = make_conda_channel(tmp_path_factory.mktemp("channel") / "made")
    with package_server(channel.folder) as packages:
        facts = {
            "name": "packed",
            "kind": "livy",
            "livy_url": livy.url,
            "work_folder": str(tmp_path),
            "storage_uri": f"file://{tmp_path}",
            "user_managed_environment": False,
            "channel_alias": packages.address("").rstrip("/"),
            "pip_index": packages.address("simple"),
        }
        assert far.call("POST", "/targets", by="ada", json=facts).status_code == 201
        far.grant("packed")
        assert far.check("packed")["is_good"]
        body = {"target": "packed", "run_configuration": "packed"}
        assert far.call("POST", "/projects/hello/environments", json=body).status_code == 202
        numbers = [submit(far, "packed.py", target="packed", run_configuration="packed") for _ in range(2)]
        runs = [far.wait_for_end(number, 200) for number in numbers]
    for number, run in zip(numbers, runs, strict=True):
        assert run["state"] == "completed", run
        assert far.log(number) == b"1.0 environment\n"
        assert run["packages"]["towel"] == "1.0"
    (hash,) = {run["environment"]["hash"] for run in runs}
    build_log = far.call("GET", f"/projects/hello/runs/{numbers[0]}/log?stream=build").text
    assert build_log.count("into the storage of the cluster") == 1
    assert {path.name for path in (tmp_path / "environments").iterdir()} == {f"{hash}.tar.gz", f"{hash}.json"}
    answer = far.call("POST", "/targets/packed/reclaim", by="ada", json={"environments": [hash]})
    assert answer.status_code == 202, answer.text
    wait_until(lambda: not list((tmp_path / "environments").iterdir()), SECONDS)
