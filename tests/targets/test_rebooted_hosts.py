"""A host that loses its power while scripts run on it."""

from collections.abc import Iterator

import pytest

from tests.stack.base_image import PYTHON_IMAGE, import_image
from tests.stack.fragile_host import FragileHost, fragile_host
from tests.stack.system import wait_until
from tests.targets.conftest import Hosts
from tests.targets.project_code import talk

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]
LINES = 100_000


@pytest.fixture
def fragile() -> Iterator[FragileHost]:
    with fragile_host() as host:
        host.engine.start()
        import_image(host.engine.socket, PYTHON_IMAGE, with_python=True)
        yield host


def test_a_reboot_loses_its_runs_with_that_reason_and_starts_none_twice(hosts: Hosts, fragile: FragileHost) -> None:
    system = hosts.system
    for name in ("fragile", "fragile-docker"):
        container = {**hosts.containers(PYTHON_IMAGE), "docker_socket": fragile.engine.socket}
        facts = container if name == "fragile-docker" else {}
        kind = "remotedocker" if facts else "remote"
        hosts.attach(name, kind=kind, user_managed_environment=True, **hosts.ssh(fragile.sshd), **facts)
    runs = [system.submit("talk.py", str(LINES), "0.2", target=name) for name in ("fragile", "fragile-docker")]
    for number in runs:
        hosts.wait_for_line(number, b"line 101 ")

    fragile.lose_power()
    for number in runs:
        wait_until(lambda number=number: system.run(number)["unreachable_since"], 60)
        assert system.run(number)["state"] == "running"
    copied = [system.log(number) for number in runs]
    fragile.switch_on()
    fragile.engine.start()

    for number, before in zip(runs, copied, strict=True):
        run = system.wait_for_end(number, 60)
        assert (run["state"], run["reason"]) == ("failed", "target_lost"), run
        assert "restarted" in run["reason_detail"]
        assert [event["to_state"] for event in run["events"]].count("running") == 1
        log = system.log(number)
        assert log.startswith(before)
        assert talk(LINES).startswith(log)
    after = [system.submit("talk.py", "9", "0", target=name) for name in ("fragile", "fragile-docker")]
    for number in after:
        hosts.assert_talked(number, 9)
