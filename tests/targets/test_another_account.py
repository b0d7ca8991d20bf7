"""A host whose account is not root, cannot write its home and has SFTP switched off: runs, environments, containers."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack.base_image import PYTHON_IMAGE
from tests.stack.left_out import leave_out, need
from tests.stack.parts import FISH
from tests.stack.ssh_accounts import OwnAccount
from tests.stack.sshd import Sshd, sshd
from tests.targets.conftest import Hosts

pytestmark = [pytest.mark.stack, pytest.mark.one_database]
TRAINER = OwnAccount()


@pytest.fixture(scope="module")
def lab(hosts: Hosts) -> Iterator[Sshd]:
    """Such a host. The engine's socket is the account's, as for everybody in the group docker."""
    need(FISH)
    if os.geteuid() != 0:
        leave_out("only root can give sshd an account of its own")
    with sshd(shell=str(FISH.find()), path="/usr/local/bin:/usr/bin:/bin", own=TRAINER) as host:
        os.chown(host.home, 0, 0)
        work_of(host).mkdir(mode=0o700)
        os.chown(work_of(host), TRAINER.number, TRAINER.number)
        os.chown(hosts.engine.socket, 0, TRAINER.number)
        hosts.engine.folder.chmod(0o711)
        yield host


def work_of(lab: Sshd) -> Path:
    """Return where runs work there: the account cannot write to its home."""
    return lab.folder / "of_trainer"


def facts_of(hosts: Hosts, lab: Sshd, name: str) -> dict[str, Any]:
    """Return what an administrator says of such a target."""
    facts: dict[str, Any] = {**hosts.ssh(lab), "work_folder": str(work_of(lab))}
    if name == "lab-prepared":
        return {"kind": "remote", "user_managed_environment": False, **facts}
    containers = {"kind": "remotedocker", "user_managed_environment": True, **facts, **hosts.containers(PYTHON_IMAGE)}
    return {**containers, "shared_volumes": name == "lab-mounted"}


@pytest.mark.parametrize("name", ["lab-prepared", "lab-mounted", "lab-copied"])
def test_an_account_of_its_own_is_enough_for_runs_environments_and_containers(
    hosts: Hosts, lab: Sshd, name: str
) -> None:
    hosts.attach(name, **facts_of(hosts, lab, name))
    number = hosts.system.submit("where.py", "2", "0", "a b", target=name)
    waiting = hosts.system.submit("wait.py", target=name)
    run = hosts.system.wait_for_end(number, 170)
    log = hosts.system.log(number).decode()
    assert run["state"] == "completed", (run["reason_text"], run["reason_detail"], log)
    assert log == f"line 0\nline 1\ntowel {name == 'lab-prepared'} a b\n"
    outputs = hosts.system.call("GET", f"/projects/hello/runs/{number}/outputs").json()
    assert [output["path"] for output in outputs] == ["where.txt"]
    hosts.wait_for_line(waiting, b"ready\n")
    hosts.system.call("POST", f"/projects/hello/runs/{waiting}/cancel")
    assert hosts.system.wait_for_end(waiting, 60)["state"] == "canceled"
    assert list(lab.home.iterdir()) == []
