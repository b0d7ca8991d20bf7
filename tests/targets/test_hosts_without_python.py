"""A whole installation and a host without any Python: the first run brings one, and then all is as elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.bare_host import bare_host
from tests.stack.conda_channel import make_conda_channel
from tests.stack.left_out import need
from tests.stack.package_server import package_server
from tests.stack.parts import SSHD
from tests.stack.sshd import Sshd
from tests.stack.system import System, running_system
from tests.targets.conftest import Hosts

pytestmark = [pytest.mark.stack, pytest.mark.one_database, pytest.mark.timeout(900)]
SECONDS = 400
STEP = "Python for the supervisor"


@pytest.fixture
def bare() -> Iterator[Sshd]:
    """The host."""
    need(SSHD)
    with bare_host() as running:
        yield running


@pytest.fixture
def system(code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """An installation whose channel is called conda, as in the project's files."""
    channel = make_conda_channel(tmp_path_factory.mktemp("channel") / "made")
    with package_server(channel.folder) as packages:
        alias, index = packages.address("").rstrip("/"), packages.address("simple")
        with running_system(code, environment={"AMLWEB_CHANNEL_ALIAS": alias, "AMLWEB_PIP_INDEX": index}) as running:
            yield running


def test_the_first_run_on_a_host_without_python_brings_one(bare: Sshd, system: System) -> None:
    access = bare.access
    facts = {"address": f"{access.host}:{access.port}", "username": access.username, "private_key": access.private_key}
    facts |= {"channel_map": {"conda-forge": ["conda"]}, "user_managed_environment": False, "slots": 4}
    answer = system.call("POST", "/targets", by="ada", json={"name": "bare", "kind": "remote", **facts})
    assert answer.status_code == 201, answer.text
    system.grant("bare")
    Hosts.approve(Hosts(system, None, bare, bare.folder), "bare")  # type: ignore[arg-type]
    check = system.check("bare")
    (failed,) = (item for item in check["items"] if not item["ok"])
    assert failed["name"] == STEP
    number = system.submit("where.py", "1", "0", "a b", target="bare")
    run = system.wait_for_end(number, SECONDS)
    assert run["state"] == "completed", (run["reason_text"], run["reason_detail"])
    assert b"towel True a b\n" in system.log(number)
    build = system.call("GET", f"/projects/hello/runs/{number}/log?stream=build").text
    assert "amlweb brings its own" in build
    items = {item["name"]: item for item in system.check("bare")["items"]}
    assert items[STEP]["ok"]
    assert str(bare.home / ".amlweb" / "python") in items[STEP]["detail"]
