"""An installation with the head node of a real Spark cluster, and the sample project that trains there."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.stack.conda_channel import make_conda_channel
from tests.stack.package_server import package_server
from tests.stack.spark import NUMPY, spark_home
from tests.stack.spark_cluster import QUICK_JAVA, SparkCluster
from tests.stack.sshd import sshd
from tests.stack.system import ROOT, System, running_system, wait_until
from tests.targets.conftest import Hosts

SAMPLE = ROOT / "projects/samples/iris"
SCRIPT = "train_spark.py"
FEW_ROWS = ("--rows", "3000", "--passes", "2", "--parts", "2")
MEMORY_BYTES = 512 * 2**20
PNG = b"\x89PNG\r\n\x1a\n"
QUICK = {"spark.driver.extraJavaOptions": QUICK_JAVA, "spark.executor.extraJavaOptions": QUICK_JAVA}


def lay_out_sample(folder: Path, python: str = "") -> None:
    """Write the sample project into a folder, where its packages are named with a Python that the channel has."""
    shutil.copytree(SAMPLE, folder, dirs_exist_ok=True)
    asked = folder / "aml_config/spark_conda_dependencies.yml"
    asked.write_text(asked.read_text().replace("python=3.11", f"python={python}" if python else "python"))


@contextmanager
def head_node(code: Path, packages: Path) -> Iterator[Hosts]:
    """Run an installation with a project of its own and a head node beside it. `packages` is a new folder, for a
    channel that has numpy."""
    channel = make_conda_channel(packages, NUMPY)
    with sshd() as host, package_server(channel.folder) as server:
        sources = {
            "AMLWEB_CHANNEL_ALIAS": server.address("").rstrip("/"),
            "AMLWEB_PIP_INDEX": server.address("simple"),
        }
        with running_system(code, environment=sources) as system:
            no_engine: Any = None
            yield Hosts(system, no_engine, host, channel.folder)


def facts_of(hosts: Hosts, cluster: SparkCluster, master: str, **more: Any) -> dict[str, Any]:
    """Return what an administrator says of a target on that head node: small executors of one core."""
    return {
        "kind": "cluster",
        "spark_master": master,
        "yarn_deploy_mode": "client",
        "spark_home": str(spark_home()),
        "spark_configuration": {"spark.master.ui.port": str(cluster.page), **QUICK},
        "default_executors": 1,
        "default_executor_memory_bytes": MEMORY_BYTES,
        "user_managed_environment": False,
        **hosts.ssh(),
        **more,
    }


def prepare(system: System, target: str, seconds: float) -> str:
    """Have the sample's packages installed on a target, and return the hash of what they became."""
    body = {"target": target, "run_configuration": "spark"}
    answer = system.call("POST", "/projects/hello/environments", json=body)
    assert answer.status_code == 202, answer.text
    address = f"/environments/{answer.json()['key']}"

    def built() -> dict[str, Any]:
        return next(dict(row) for row in system.call("GET", address).json()["targets"] if row["target"] == target)

    wait_until(lambda: built()["state"] in ("ready", "failed"), seconds, every=0.2)
    assert built()["state"] == "ready", built()
    return str(built()["hash"])


def train(system: System, target: str, *arguments: str, **fields: Any) -> int:
    """Submit the sample as its configuration `spark` says, and return the run's number."""
    return system.submit(SCRIPT, *(arguments or FEW_ROWS), target=target, run_configuration="spark", **fields)


def assert_trained(system: System, number: int, seconds: float) -> dict[str, Any]:
    """The sample completes; its model, its picture and its metric after each pass are here. Return the run."""
    run = system.wait_for_end(number, seconds)
    log = system.log(number).decode()
    assert run["state"] == "completed", (run["reason_text"], run["reason_detail"], log)
    assert "Wrote spark_model.json and spark_training.png" in log
    path = f"/projects/hello/runs/{number}"
    outputs = system.call("GET", f"{path}/outputs").json()
    assert [output["path"] for output in outputs] == ["spark_model.json", "spark_training.png"]
    losses = [point["value"] for point in system.call("GET", f"{path}/metrics").json()["loss"]]
    assert losses == sorted(losses, reverse=True)
    assert len(losses) == 3, "one before the first pass"
    model = system.call("GET", f"{path}/outputs/spark_model.json").json()
    assert model["loss"] == losses[-1] < 0.7 * losses[0]
    assert system.call("GET", f"{path}/outputs/spark_training.png").content.startswith(PNG)
    return run


def verified(system: System, target: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Have a target verified, as an administrator does at the server."""
    command = [sys.executable, "manage.py", "verifytarget", target, *words]
    return subprocess.run(command, cwd=ROOT, env=system.environment, capture_output=True, text=True, check=False)
