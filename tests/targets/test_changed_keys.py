"""A host that gets new keys, and a target that gets a new login, while a script runs there: it is found again as soon
as an administrator has said that this is right."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.stack.sshd import Sshd, make_host_key, sshd
from tests.stack.system import wait_until
from tests.targets.conftest import Hosts

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]
LONG = ("3000", "1")


@pytest.fixture
def renewed() -> Iterator[Sshd]:
    with sshd(kinds=("ed25519",)) as host:
        yield host


def test_a_run_is_found_again_with_the_key_that_was_approved_and_the_login_that_was_given_meanwhile(
    plain_hosts: Hosts, renewed: Sshd
) -> None:
    system = plain_hosts.system
    plain_hosts.attach("renewed", kind="remote", user_managed_environment=True, **plain_hosts.ssh(renewed))
    number = system.submit("talk.py", *LONG, target="renewed")
    plain_hosts.wait_for_line(number, b"line 101 ")

    (renewed.folder / "host_ed25519").unlink()
    make_host_key(renewed.folder, "ed25519")
    os.kill(renewed.pid, signal.SIGHUP)
    renewed.cut()
    wait_until(lambda: "host key" in system.run(number)["wait_reason"], 60)
    assert system.call("POST", "/targets/renewed/host-key/scan", by="ada").status_code == 202
    shown = wait_until(lambda: key_that_is_new(system.call("GET", "/targets/renewed/host-key", by="ada").json()), 60)
    wanted = {"fingerprint": shown, "understood": True}
    answer = system.call("POST", "/targets/renewed/host-key/approve", by="ada", json=wanted)
    assert answer.status_code == 200, answer.text
    wait_until(lambda: system.run(number)["unreachable_since"] is None, 60)

    answer = system.call("PATCH", "/targets/renewed", by="ada", json={"new_key_pair": True})
    (renewed.folder / "authorized_keys").write_text(f"{answer.json()['public_key']}\n")
    renewed.cut()
    plain_hosts.assert_talked(number, int(LONG[0]), 90)


def key_that_is_new(facts: dict[str, list[dict[str, list[dict[str, str]]]]]) -> str:
    """Return the fingerprint of a key that the host shows and nobody has approved, empty while there is none."""
    (host,) = facts["hosts"]
    approved = [key["fingerprint"] for key in host["approved"]]
    return next((key["fingerprint"] for key in host["shown"] if key["fingerprint"] not in approved), "")
