"""Connections to a host that are reset at random moments through the whole life of runs."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.stack.base_image import PYTHON_IMAGE
from tests.stack.resetting_proxy import ResettingProxy, resetting_proxy
from tests.stack.sshd import Sshd, sshd
from tests.targets.conftest import Hosts

pytestmark = [pytest.mark.stack, pytest.mark.timeout(800)]

LINES = 60_000
MOST_BYTES = 1_000_000  # a third of a log
PATIENCE_SECONDS = 200  # a launch, an end or a clean-up that is reset twice is tried again every 30 s only


@pytest.fixture
def far() -> Iterator[tuple[Sshd, ResettingProxy]]:
    """A host, and the proxy in front of it by which it is reached."""
    with sshd(kinds=("ed25519",)) as host, resetting_proxy(host.port, seed=7, most_bytes=MOST_BYTES) as proxy:
        yield replace(host, access=replace(host.access, port=proxy.port)), proxy


def test_runs_do_not_notice_that_connections_are_reset_at_random(
    hosts: Hosts, far: tuple[Sshd, ResettingProxy]
) -> None:
    host, proxy = far
    containers = {"kind": "remotedocker", **hosts.containers(PYTHON_IMAGE)}
    kinds = {
        "far": {"kind": "remote"},
        "far-docker": containers,
        "far-docker-copied": {**containers, "shared_volumes": False},
    }
    for name, facts in kinds.items():
        hosts.attach(name, user_managed_environment=True, **hosts.ssh(host), **facts)
    proxy.is_wild = True
    runs = [hosts.system.submit("talk.py", str(LINES), "0.005", target=name) for name in kinds]
    for number in runs:
        hosts.assert_talked(number, LINES, PATIENCE_SECONDS)
    assert proxy.resets >= 10
    hosts.assert_nothing_is_left(host, PATIENCE_SECONDS)
