"""Packages of a company's own server: TLS of its own authority, a login, and a target that is told all of it."""

from pathlib import Path
from typing import Any

import pytest

from tests.stack.authority import make_authority
from tests.stack.base_image import BARE_IMAGE
from tests.stack.package_server import package_server
from tests.targets.conftest import Hosts

pytestmark = [pytest.mark.stack, pytest.mark.one_database]
LOGIN = "lab:Tr0ub4dor&3:@x"
QUOTED = "Tr0ub4dor%263%3A%40x"


def attach(hosts: Hosts, kind: str, name: str, **sources: Any) -> None:
    facts: dict[str, Any] = {"kind": kind, "user_managed_environment": False, **sources}
    facts |= hosts.containers(BARE_IMAGE) if kind == "localdocker" else hosts.ssh()
    hosts.attach(name, **facts)


@pytest.mark.parametrize("kind", ["localdocker", "remote"])
def test_conda_and_pip_come_from_a_server_that_only_the_target_knows(hosts: Hosts, kind: str, tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    with package_server(hosts.packages, LOGIN, authority.server) as packages:
        sources = {
            "channel_alias": packages.address("", with_login=True).rstrip("/"),
            "pip_index": packages.address("simple", with_login=True),
        }
        attach(hosts, kind, f"sources-{kind}", **sources, ca_bundle=authority.bundle)
        number = hosts.system.submit("where.py", "1", "0", target=f"sources-{kind}", run_configuration="with_pip")
        run = hosts.system.wait_for_end(number, 170)
        assert run["state"] == "completed", (run["reason_detail"], packages.paths)
        assert {"guide", "towel"} <= set(run["packages"])
        assert any(path.startswith("/pip/guide") for path in packages.paths)
        lock = hosts.system.call("GET", f"/environments/{run['environment']['hash']}/lock").text
        build_log = hosts.system.call("GET", f"/projects/hello/runs/{number}/log?stream=build").text
        assert "/pip/guide" in lock
        for text in (lock, build_log, hosts.system.output("workers")):
            assert not any(secret in text for secret in (LOGIN.partition(":")[2], QUOTED))
