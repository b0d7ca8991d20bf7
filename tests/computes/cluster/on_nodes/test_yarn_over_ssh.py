"""YARN from a head node over a real sshd, with a packed environment. *contract*: `tests/stack/yarn_contract.py`.

sshd, channel, packing, follower, driver program and the environment's Python on the node are real.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from computes.cluster_contract import ClusterSettings, DeployMode
from computes.contract import Framework, Stream
from computes.executors.cluster.executor import ClusterExecutor
from computes.executors.cluster.place import NODES_PYTHON
from computes.machines.ssh import SshMachine
from tests.computes.cluster.built_environment import build_environment
from tests.computes.cluster.on_nodes.following import PACE
from tests.computes.on_targets import Bench, wait_for_end
from tests.stack.sshd import Sshd
from tests.stack.yarn_contract import ID, STORAGE, HeadNode

SCRIPT = """
import os, sys
import towel
print("prefix", sys.prefix)
print("token", os.environ["TOKEN"] == "hunter2", towel.__name__, sys.argv[1:])
"""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The work folder of this module's runs: one environment, one pack."""
    return tmp_path_factory.mktemp("a b")


@pytest.fixture(scope="module")
def environment_hash(host: Sshd, work: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An environment that was built over SSH."""
    return build_environment(SshMachine(host.access), work / "work", tmp_path_factory.mktemp("packages"))


@pytest.mark.parametrize("mode", DeployMode)
def test_the_pack_is_sent_and_nothing_secret_is_told(
    mode: DeployMode, host: Sshd, head: HeadNode, work: Path, environment_hash: str
) -> None:
    executor = ClusterExecutor(SshMachine(host.access), pace=PACE)
    cluster = ClusterSettings(
        deploy_mode=mode,
        spark_home=str(head.root / "home"),
        java_home=str(head.root / "java"),
        storage_uri=STORAGE if mode is DeployMode.CLUSTER else "",
    )
    bench = Bench(work, kind="cluster", framework=Framework.PYSPARK, cluster=cluster, environment=head.environment)
    request = bench.request(SCRIPT, "a b", secrets={"TOKEN": "hunter2"})
    executor.start(replace(request, environment_hash=environment_hash))
    status = wait_for_end(executor, request.address)
    log = executor.read(request.address, Stream.LOG, 0, 1 << 20).decode()
    assert status.exit is not None
    assert status.exit.code == 0, log
    assert "token True towel ['a b']" in log
    on_node = head.fake / "node" / "environment"
    there = on_node if mode is DeployMode.CLUSTER else bench.work / "env" / environment_hash
    assert f"prefix {there}\n" in log
    assert status.application is not None
    assert status.application.id == ID
    folder = bench.run_folder(request.address)
    properties = folder / "spark.conf"
    told = dict(line.split("=", 1) for line in properties.read_text().splitlines() if "=" in line)
    pack = bench.work / "packs" / f"{environment_hash}.tar.gz"
    assert told["spark.archives"] == f"file://{str(pack).replace(' ', '%20')}#environment"
    assert told["spark.submit.deployMode"] == mode
    assert told["spark.master"] == "yarn"
    assert told["spark.pyspark.python"] == NODES_PYTHON
    drivers = [told.get(f"spark.yarn.appMasterEnv.{name}") for name in ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON")]
    assert drivers == ([NODES_PYTHON] * 2 if mode is DeployMode.CLUSTER else [None] * 2)
    assert properties.stat().st_mode & 0o777 == 0o600
    (call,) = head.calls("spark-submit")
    assert call["argv"][:2] == ["--properties-file", str(properties)]
    assert "a b" not in call["argv"]
    assert call["environment"]["PYSPARK_PYTHON"] == NODES_PYTHON
    assert not [
        call for each in ("spark-submit", "hdfs", "yarn") for call in head.calls(each) if "hunter2" in str(call["argv"])
    ]
    kept = [file for file in folder.rglob("*") if file.is_file() and file.name != "main.py"]
    assert not [file for file in kept if b"hunter2" in file.read_bytes()]
    executor.clean_up(request.address)
