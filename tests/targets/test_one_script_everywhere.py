"""The same project on each kind of target, with the Python that is there and with an environment of its own."""

from typing import Any

import pytest

from tests.stack.base_image import BARE_IMAGE, PYTHON_IMAGE
from tests.targets.conftest import Hosts

pytestmark = pytest.mark.stack
HOSTILE = ["a b", "$(id)", "'", '"', "-rf", "--", "", "é", "*", "x\ny"]
KINDS = ["localdocker", "remote", "remotedocker"]


def facts_of(hosts: Hosts, kind: str, *, managed: bool) -> dict[str, Any]:
    """Return what an administrator says of a target of a kind."""
    facts: dict[str, Any] = {"kind": kind, "user_managed_environment": not managed}
    if kind != "localdocker":
        facts.update(hosts.ssh())
    if kind != "remote":
        facts.update(hosts.containers(BARE_IMAGE if managed else PYTHON_IMAGE))
    return facts


def built_at(hosts: Hosts, target: str) -> list[str]:
    """Return when the environments of a target were built."""
    found = hosts.system.call("GET", "/environments").json()["environments"]
    return [row["finished_at"] for row in found if row["target"] == target]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("managed", [False, True], ids=["own-python", "prepared"])
def test_a_script_runs_on_a_target_and_all_of_it_comes_home(hosts: Hosts, kind: str, managed: bool) -> None:
    name = f"{kind}-{'prepared' if managed else 'own'}"
    hosts.attach(name, **facts_of(hosts, kind, managed=managed))
    number = hosts.system.submit("where.py", "3", "0", *HOSTILE, target=name)
    run = hosts.system.wait_for_end(number, 170)
    log = hosts.system.log(number).decode()
    assert run["state"] == "completed", (run["reason_text"], run["reason_detail"], log)
    assert log == "line 0\nline 1\nline 2\n" + " ".join(["towel", str(managed), *HOSTILE]) + "\n"
    outputs = hosts.system.call("GET", f"/projects/hello/runs/{number}/outputs").json()
    assert [output["path"] for output in outputs] == ["where.txt"]
    metrics = hosts.system.call("GET", f"/projects/hello/runs/{number}/metrics").json()
    assert [point["value"] for point in metrics["lines"]] == [3]
    assert bool(run["environment"]["hash"]) == managed
    assert ("towel" in run["packages"]) == managed
    if managed:
        before = built_at(hosts, name)
        again = hosts.system.submit("where.py", "1", "0", target=name)
        assert hosts.system.wait_for_end(again, 60)["state"] == "completed"
        assert hosts.system.run(again)["environment"]["hash"] == run["environment"]["hash"]
        assert built_at(hosts, name) == before
