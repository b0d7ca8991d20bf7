"""An account that is not root, with a home that it cannot write and a login shell that talks: the contract holds."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from computes.contract import Condition
from computes.errors import TargetDiskFull
from computes.executors.process import ProcessExecutor
from computes.machines.ssh import SshMachine
from computes.machines.ssh.pool import POOL
from tests.computes.contract_suite import TargetContract
from tests.computes.on_targets import Bench, wait_for_end
from tests.stack.left_out import leave_out, need
from tests.stack.parts import FISH, SSHD
from tests.stack.ssh_accounts import OwnAccount
from tests.stack.sshd import Sshd, sshd

TRAINER = OwnAccount()
CHATTER = "echo Welcome to the lab.\necho quota: 99 % >&2\nset -gx GREETED yes\n"


@pytest.fixture(scope="module")
def host() -> Iterator[Sshd]:
    """A host with such an account."""
    need(SSHD, FISH)
    if os.geteuid() != 0:
        leave_out("only root can give sshd an account of its own")
    fish = FISH.find()
    with sshd(kinds=("ed25519",), shell=str(fish), path="/usr/local/bin:/usr/bin:/bin", own=TRAINER) as running:
        settings = running.home / ".config" / "fish" / "config.fish"
        settings.parent.mkdir(parents=True)
        settings.write_text(CHATTER)
        os.chown(running.home, 0, 0)
        running.home.chmod(0o555)
        yield running
        POOL.close_all()


@pytest.fixture
def bench(host: Sshd) -> Bench:
    """Work folders are beside the home, where the account may write."""
    root = host.folder / uuid4().hex
    root.mkdir()
    os.chown(root, TRAINER.number, TRAINER.number)
    return Bench(root, kind="remote", python="python3")


@pytest.fixture
def executor(host: Sshd) -> ProcessExecutor:
    return ProcessExecutor(SshMachine(host.access))


class TestAnotherAccount(TargetContract):
    launch_steps = ("before_start", "start_run")


def test_what_a_run_makes_is_the_accounts_own_and_closed_to_others(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request("open('outputs/mine', 'w').write('x')")
    executor.start(request)
    wait_for_end(executor, request.address)
    assert {path.lstat().st_uid for path in [bench.work, *bench.work.rglob("*")]} == {TRAINER.number}
    assert bench.run_folder(request.address).stat().st_mode & 0o077 == 0


def test_a_work_folder_in_a_home_that_cannot_be_written_is_explained_once(
    executor: ProcessExecutor, bench: Bench, host: Sshd
) -> None:
    found = list(executor.check(replace(bench.settings(), work_folder="~/.amlweb", ssh=host.access)))
    (item,) = [item for item in found if not item.ok]
    assert item.name == "Work folder"
    assert f"{host.home}/.amlweb: Permission denied" in item.detail
    assert "sudo install -d -m 0700 -o trainer" in item.remedy


@pytest.fixture
def cramped(bench: Bench, host: Sshd) -> Iterator[Bench]:
    """The work folder is on a disk of its own on the host: small, without programs and without device files."""
    bench.work.mkdir()
    options = f"size=4m,mode=0700,uid={TRAINER.number},gid={TRAINER.number},noexec,nosuid,nodev"
    on_host = ["nsenter", "--target", str(host.pid), "--mount", "--"]
    mount = [*on_host, "mount", "-t", "tmpfs", "-o", options, "amlweb-test", str(bench.work)]
    if subprocess.run(mount, check=False).returncode:
        leave_out("this machine does not let root mount a tmpfs")
    yield bench
    subprocess.run([*on_host, "umount", "--lazy", str(bench.work)], check=True)


def test_a_disk_without_programs_runs_scripts_and_is_no_place_for_environments(
    executor: ProcessExecutor, cramped: Bench
) -> None:
    request = cramped.request("print('ran')")
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.code, status.log_bytes) == (0, 4)
    for by_user in (True, False):
        found = {
            item.name: item for item in executor.check(replace(cramped.settings(), user_managed_environment=by_user))
        }
        assert ("Programs" in found) != by_user
    assert not found["Programs"].ok
    assert "noexec" in found["Programs"].detail
    assert found["Programs"].remedy
    assert not found["Free disk"].ok


def test_a_disk_that_is_full_is_a_full_target(executor: ProcessExecutor, cramped: Bench) -> None:
    fits, too_much = cramped.request("print('ran')"), cramped.request("", files={"data.csv": "x" * 8_000_000})
    with pytest.raises(TargetDiskFull, match="No space") as caught:
        executor.start(too_much)
    assert "Free disk space" in caught.value.remedy
    machine = executor.machine
    ballast = f"{cramped.work}/ballast"
    machine.write(ballast, b"x" * machine.free_bytes(str(cramped.work)))
    assert machine.free_bytes(str(cramped.work)) == 0
    with pytest.raises(TargetDiskFull):
        executor.start(fits)
    found = {item.name: item for item in executor.check(cramped.settings())}
    assert "No space was left" in found["Work folder"].detail
    machine.write(ballast, b"")
    executor.start(fits)
    assert wait_for_end(executor, fits.address).condition is Condition.EXITED
