"""A host whose clock is hours wrong: the check says so, and nothing that is decided by time is decided wrongly."""

from collections.abc import Iterator

import pytest

from computes.contract import Limits, Stream
from computes.errors import StartRefused
from computes.executors.process import ProcessExecutor
from computes.machines.ssh import SshMachine, check_contact
from computes.machines.ssh.pool import POOL
from tests.computes.on_targets import Bench, wait_for_end
from tests.computes.python_scripts import WAIT
from tests.stack.left_out import need
from tests.stack.parts import FAKETIME, SSHD
from tests.stack.sshd import Sshd, sshd

SKEWED = 'ForceCommand faketime -f {offset} /bin/sh -c "$SSH_ORIGINAL_COMMAND"'
THREE_HOURS = 3 * 3600


@pytest.fixture(scope="module", params=["+3h", "-3h"])
def skewed(request: pytest.FixtureRequest) -> Iterator[Sshd]:
    """A host that is ahead of us, and one that is behind."""
    need(SSHD, FAKETIME)
    with sshd(kinds=("ed25519",), more=SKEWED.format(offset=request.param)) as host:
        yield host
        POOL.close_all()


def test_the_check_says_how_wrong_the_clock_is(skewed: Sshd) -> None:
    *good, clock = check_contact(skewed.access)
    assert all(item.ok for item in good)
    assert (clock.name, clock.ok) == ("Clock", False)
    assert "s ahead of the server's" in clock.detail or "s behind the server's" in clock.detail
    assert abs(float(clock.detail.split()[4]) - THREE_HOURS) < 60
    assert "timedatectl set-ntp" in clock.remedy


def test_limits_durations_and_tombstones_do_not_depend_on_it(skewed: Sshd, bench: Bench) -> None:
    executor = ProcessExecutor(SshMachine(skewed.access))
    limited = bench.request(WAIT, limits=Limits(time_limit_seconds=5, grace_seconds=5, free_space_floor_bytes=0))
    executor.start(limited)
    status = wait_for_end(executor, limited.address)
    assert status.exit is not None
    assert status.exit.ended_by == "time_limit"
    assert 5 <= status.exit.duration_seconds < 60
    assert executor.read(limited.address, Stream.LOG, 0, 100) == b"ready\n"
    executor.clean_up(limited.address)
    with pytest.raises(StartRefused):
        executor.start(limited)
