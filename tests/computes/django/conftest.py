"""Targets that run nothing, for the tests of who may do what with them, and a real host for those that go there."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from computes import registry
from computes.attaching import TargetWishes, attach_target
from computes.contract import Framework
from computes.credentials import NewCredential
from computes.executors.fake import FakeExecutor
from computes.machines.ssh.pool import POOL
from computes.models import ComputeTarget
from computes.registry import REGISTRY, Entry
from tests.stack.left_out import leave_out
from tests.stack.sshd import PASSWORD, Sshd, sshd

AttachGpu = Callable[..., ComputeTarget]


@pytest.fixture
def shed(data_dir: Path, ada: User) -> ComputeTarget:
    """A local target that nobody was granted."""
    target: ComputeTarget = ComputeTarget.objects.create(name="shed", slots=4, created_by=ada)
    return target


@pytest.fixture
def docker_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kinds with containers be attached; they obey orders instead of running anything."""
    monkeypatch.setattr(registry, "EXECUTORS", {})
    for kind in ("docker", "remotedocker"):
        monkeypatch.setitem(REGISTRY, (kind, Framework.PYTHON), Entry(lambda settings: FakeExecutor(), form=kind))  # type: ignore[arg-type]


@pytest.fixture
def attach_gpu(data_dir: Path, ada: User) -> AttachGpu:
    """Attach a target over SSH."""

    def attach(
        name: str = "gpu1", kind: str = "remote", credential: NewCredential | None = None, **facts: object
    ) -> ComputeTarget:
        said = {"address": "gpu1.lab.example", "port": 2222, "username": "trainer", **facts}
        return attach_target(ada, name, kind, TargetWishes(said, credential or NewCredential("key_pair")))

    return attach


@pytest.fixture(scope="session")
def host() -> Iterator[Sshd]:
    """A real sshd that looks for keys where the account has them."""
    with sshd() as running:
        keys = running.home / ".ssh" / "authorized_keys"
        keys.parent.mkdir(mode=0o700)
        keys.symlink_to(running.folder / "authorized_keys")
        yield running
        POOL.close_all()


@pytest.fixture
def password_of_host() -> str:
    """The password of the account there."""
    if os.geteuid() != 0:
        leave_out("only root can give sshd a password of its own")
    return PASSWORD
