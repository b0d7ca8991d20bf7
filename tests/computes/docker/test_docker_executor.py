"""The Docker executor on this machine keeps the contract, with folders mounted and with folders copied."""

from dataclasses import replace

import pytest

from computes.executors.docker.engine import Engine
from computes.executors.docker.executor import DockerExecutor
from computes.executors.docker.names import container_of
from tests.computes.contract_suite import TargetContract
from tests.computes.docker.conftest import DockerBench
from tests.computes.on_targets import wait_for_end, wait_for_line


class TestMountedFolders(TargetContract):
    pass


class TestCopiedFolders(TargetContract):
    @pytest.fixture
    def bench(self, bench: DockerBench) -> DockerBench:
        return replace(bench, container=replace(bench.container, is_shared=False))


def test_what_a_command_could_not_be_started_for_is_not_taken_for_its_output(
    executor: DockerExecutor, bench: DockerBench, engine: Engine
) -> None:
    request = bench.request("import time; print('on', flush=True); time.sleep(60)")
    executor.start(request)
    wait_for_line(executor, request.address, b"on\n")
    name = container_of(request.address)
    user = str(engine.inspect(name)["Config"]["User"])  # type: ignore[index]
    assert engine.execute(name, ["python3", "-c", "print('well')"], user) == b"well\n"
    assert engine.execute(name, ["python3", "-c", "print('bad'); raise SystemExit(3)"], user) is None
    assert engine.execute(name, ["/no/such/program"], user) is None
    executor.stop(request.address, 1.0)
    wait_for_end(executor, request.address)
    assert engine.execute(name, ["python3", "-c", "print('late')"], user) is None
