"""Containers on another machine keep the contract: its engine through a forwarded socket, its files over SSH."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from computes.contract import SshAccess, Stream, TargetSettings
from computes.executors.docker.engine_socket import engine_socket
from computes.executors.docker.executor import DockerExecutor
from computes.machines.ssh import SshMachine
from computes.machines.ssh.tunnel import TUNNELS
from tests.computes.contract_suite import TargetContract
from tests.computes.docker.conftest import DockerBench
from tests.computes.on_targets import wait_for_end, wait_for_line
from tests.computes.ssh.conftest import host
from tests.computes.test_starting_runs import ECHO, HOSTILE
from tests.stack.sshd import Sshd

__all__ = ["host"]


@dataclass(frozen=True)
class RemoteDockerBench(DockerBench):
    """A target whose runs are containers on a machine that is reached over SSH."""

    kind: str = "remotedocker"
    access: SshAccess | None = None

    def settings(self) -> TargetSettings:
        return replace(super().settings(), ssh=self.access)


@pytest.fixture
def bench(bench: DockerBench, host: Sshd) -> RemoteDockerBench:
    return RemoteDockerBench(bench.root, container=bench.container, access=host.access)


@pytest.fixture
def executor(host: Sshd) -> Iterator[DockerExecutor]:
    executor = DockerExecutor(SshMachine(host.access), engine_socket)
    yield executor
    executor.close()


@pytest.fixture(scope="module", autouse=True)
def no_tunnel_is_left() -> Iterator[None]:
    """End the tunnels of this module."""
    yield
    TUNNELS.close_all()


class TestMountedFoldersOverSsh(TargetContract):
    pass


class TestCopiedFoldersOverSsh(TargetContract):
    @pytest.fixture
    def bench(self, bench: RemoteDockerBench) -> RemoteDockerBench:
        return replace(bench, container=replace(bench.container, is_shared=False))


def test_arguments_of_all_hostile_kinds_arrive_literally(executor: DockerExecutor, bench: RemoteDockerBench) -> None:
    request = bench.request(ECHO, *HOSTILE)
    executor.start(request)
    wait_for_end(executor, request.address)
    assert json.loads(executor.read(request.address, Stream.LOG, 0, 1 << 20)) == HOSTILE


def test_fifteen_containers_print_through_one_tunnel(
    executor: DockerExecutor, bench: RemoteDockerBench, host: Sshd
) -> None:
    requests = [bench.request(f"print('container {number}')") for number in range(15)]
    for request in requests:
        executor.start(request)
    for number, request in enumerate(requests):
        wait_for_line(executor, request.address, f"container {number}\n".encode())
        wait_for_end(executor, request.address)
    assert len(host.sessions()) == 2  # one of ours, and the tunnel of the engine
