"""One sshd for all tests of machines over SSH, and a machine behind it."""

from collections.abc import Iterator

import pytest

from computes.executors.process import ProcessExecutor
from computes.machines.ssh import SshMachine
from computes.machines.ssh.pool import POOL
from tests.stack.left_out import need
from tests.stack.parts import SSHD
from tests.stack.sshd import Sshd, sshd


@pytest.fixture(scope="session")
def host() -> Iterator[Sshd]:
    """A host that lets us in by key. SFTP is switched off there."""
    need(SSHD)
    with sshd() as running:
        yield running
        POOL.close_all()


@pytest.fixture
def machine(host: Sshd) -> SshMachine:
    """Return that host as a machine."""
    return SshMachine(host.access)


@pytest.fixture
def executor(machine: SshMachine) -> ProcessExecutor:
    """Return the executor that a `remote` target has."""
    return ProcessExecutor(machine)
