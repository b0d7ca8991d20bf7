"""Login shells of all kinds: they work, or the check says what to change."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from computes.contract import CheckItem
from computes.executors.process import ProcessExecutor
from computes.machines.ssh import SshMachine, check_contact
from computes.machines.ssh.pool import POOL
from tests.computes.on_targets import Bench, wait_for_end
from tests.computes.ssh.impostor import impostor
from tests.stack.bare_host import bare_host
from tests.stack.left_out import leave_out, need
from tests.stack.parts import CSH
from tests.stack.sshd import Sshd, sshd

CHATTY = """#!/bin/sh
echo "Welcome to the lab. Have you backed up?"
echo "quota: 99 %" >&2
exec /bin/sh "$@"
"""


@contextmanager
def host_with(shell: str = "", more: str = "", path: str = "") -> Iterator[Sshd]:
    """Run a host; a login shell of its own needs root."""
    if shell and os.geteuid() != 0:
        leave_out("only root can give sshd another login shell")
    with sshd(kinds=("ed25519",), shell=shell, more=more, path=path) as host:
        yield host
        POOL.close_all()


def items_of(host: Sshd) -> dict[str, CheckItem]:
    return {item.name: item for item in check_contact(host.access)}


def prints_one(bench: Bench, host: Sshd) -> None:
    executor = ProcessExecutor(SshMachine(host.access))
    request = bench.request("import os; print(1)")
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.code, status.log_bytes) == (0, 2)


def test_a_shell_that_prints_text_first_is_understood(bench: Bench, tmp_path: Path) -> None:
    shell = tmp_path / "chatty"
    shell.write_text(CHATTY)
    shell.chmod(0o755)
    with host_with(shell=str(shell)) as host:
        items = items_of(host)
        assert all(item.ok for item in items.values())
        assert "Welcome to the lab" in items["Shell"].detail
        prints_one(bench, host)


def test_a_shell_that_is_not_posix_runs_our_commands(bench: Bench) -> None:
    shell = CSH.find()
    need(CSH)
    with host_with(shell=str(shell)) as host:
        assert all(item.ok for item in items_of(host).values())
        prints_one(bench, host)


def test_an_account_that_may_run_nothing_is_explained(tmp_path: Path) -> None:
    with host_with(more="ForceCommand echo This account is closed.") as host:
        (*good, shell) = check_contact(host.access)
        assert all(item.ok for item in good)
    assert (shell.name, shell.ok) == ("Shell", False)
    assert "This account is closed." in shell.detail
    assert "chsh" in shell.remedy


def test_a_host_without_python_is_explained() -> None:
    with bare_host() as host:
        found = list(check_contact(host.access))
    assert [(item.name, item.ok) for item in found[-2:]] == [("Shell", True), ("Python for the supervisor", False)]
    assert "No Python 3.6" in found[-1].detail
    assert "apt-get install" in found[-1].remedy


def test_nothing_is_written_into_the_home(bench: Bench) -> None:
    with host_with() as host:
        host.home.chmod(0o500)
        prints_one(bench, host)
        assert list(host.home.iterdir()) == []


def test_each_step_of_the_way_is_timed_and_the_last_one_says_what_to_do(host: Sshd) -> None:
    whole = list(check_contact(host.access))
    names = ["Name", "Connection", "Host key", "Login", "Shell", "Python for the supervisor", "Clock"]
    assert [item.name for item in whole] == names
    assert all(item.ok and item.detail and item.milliseconds >= 0 for item in whole)
    with impostor() as stranger:
        broken = (
            (replace(host.access, host="no-such-host.invalid"), "Name"),
            (replace(host.access, port=1), "Connection"),
            (replace(host.access, host_keys=()), "Host key"),
            (stranger.access(host_keys=host.access.host_keys[:1]), "Host key"),
            (replace(host.access, private_key=""), "Login"),
        )
        for access, name in broken:
            items = list(check_contact(access))
            assert [item.name for item in items] == names[: names.index(name) + 1]
            assert not items[-1].ok
            assert items[-1].remedy


def test_a_check_of_a_host_that_cannot_be_reached_ends_there(host: Sshd, bench: Bench) -> None:
    executor = ProcessExecutor(SshMachine(replace(host.access, port=1)))
    assert [item.ok for item in executor.check(bench.settings())] == [True, False]
