"""An engine on another machine that gives no answer: the host itself says why, and what was mended counts at once."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from computes.contract import CheckItem, TargetSettings
from computes.errors import TargetUnreachable
from computes.executors.docker.engine_socket import engine_socket
from computes.executors.docker.executor import DockerExecutor
from computes.machines.ssh import SshMachine
from computes.machines.ssh.pool import POOL
from computes.machines.ssh.tunnel import TUNNELS
from tests.computes.docker.conftest import DockerBench
from tests.stack.left_out import leave_out, need
from tests.stack.parts import SSHD
from tests.stack.ssh_accounts import OwnAccount
from tests.stack.sshd import Sshd, sshd

TRAINER = OwnAccount()
DOCKERS = 4455


@pytest.fixture
def host() -> Iterator[Sshd]:
    """A host whose account is in no group but its own."""
    need(SSHD)
    if os.geteuid() != 0:
        leave_out("only root can give sshd an account of its own")
    with sshd(kinds=("ed25519",), own=TRAINER) as running:
        yield running
        TUNNELS.close_all()
        POOL.close_all()


@pytest.fixture
def settings(host: Sshd, bench: DockerBench) -> TargetSettings:
    return replace(bench.settings(), ssh=host.access, work_folder="~/runs-of-tests")


@pytest.fixture
def executor(host: Sshd) -> Iterator[DockerExecutor]:
    executor = DockerExecutor(SshMachine(host.access), engine_socket)
    yield executor
    executor.close()


@pytest.fixture
def dockers_only(docker_socket: str) -> Iterator[None]:
    """Let nobody but root and a group use the engine."""
    path = Path(docker_socket)
    before = path.stat(), path.parent.stat()
    path.parent.chmod(0o711)
    os.chown(path, 0, DOCKERS)
    path.chmod(0o660)
    yield
    os.chown(path, before[0].st_uid, before[0].st_gid)
    path.chmod(before[0].st_mode & 0o777)
    path.parent.chmod(before[1].st_mode & 0o777)


def let_in(host: Sshd) -> None:
    """Add the account to the group."""
    with (host.folder / "group").open("a") as groups:
        groups.write(f"dockers:x:{DOCKERS}:{TRAINER.name}\n")


def docker_line(executor: DockerExecutor, settings: TargetSettings) -> CheckItem:
    """Return what the check says of Docker."""
    return next(item for item in executor.check(settings) if item.name == "Docker")


def test_a_host_without_an_engine_is_told_from_one_that_only_is_silent(
    executor: DockerExecutor, settings: TargetSettings, bench: DockerBench
) -> None:
    nowhere = replace(bench.container, socket="/run/nowhere/docker.sock")
    item = docker_line(executor, replace(settings, container=nowhere))
    assert not item.ok
    assert "it is not running, or its socket is elsewhere" in item.detail
    assert "apt-get install -y docker.io" in item.remedy


def test_an_account_that_may_not_use_docker_is_told_so_and_a_group_it_is_given_counts_at_once(
    executor: DockerExecutor, settings: TargetSettings, host: Sshd, dockers_only: None
) -> None:
    refused = docker_line(executor, settings)
    assert not refused.ok
    assert "may not use Docker" in refused.detail
    assert "usermod -aG docker" in refused.remedy
    with pytest.raises(TargetUnreachable, match="may not use Docker"):
        executor.engine_of(settings)
    let_in(host)
    assert docker_line(executor, settings).ok
    assert executor.engine_of(settings).version()["Os"] == "linux"


def test_an_engine_that_goes_away_behind_its_tunnel_is_said_to_be_away(
    executor: DockerExecutor, settings: TargetSettings, host: Sshd, docker_socket: str, dockers_only: None
) -> None:
    let_in(host)
    assert docker_line(executor, settings).ok
    executor.engine_of(settings).api.close()  # the connection that would still be there
    aside = Path(docker_socket).with_name("aside.sock")
    Path(docker_socket).rename(aside)
    try:
        item = docker_line(executor, settings)
    finally:
        aside.rename(docker_socket)
    assert not item.ok
    assert "it is not running, or its socket is elsewhere" in item.detail
    assert docker_line(executor, settings).ok
