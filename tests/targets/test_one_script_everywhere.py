"""The same project on each kind of target, with the Python that is there and with an environment of its own."""

import itertools
import time
from typing import Any

import pytest

from tests.stack.base_image import BARE_IMAGE, PYTHON_IMAGE
from tests.targets.conftest import Hosts

pytestmark = pytest.mark.stack
LINES = 40
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


@pytest.mark.parametrize("kind", KINDS)
def test_processes_of_ours_are_killed_while_a_script_prints_on_a_target(hosts: Hosts, kind: str) -> None:
    name = f"{kind}-killed"
    hosts.attach(name, **facts_of(hosts, kind, managed=False))
    number = hosts.system.submit("where.py", str(LINES), "0.1", target=name)
    for victim, pause in itertools.islice(itertools.cycle([("controller", 0.5), ("workers", 0.9), ("web", 0.7)]), 5):
        time.sleep(pause)  # at different moments of the run
        hosts.system.kill(victim)
        hosts.system.start(victim)
    run = hosts.system.wait_for_end(number, 90)
    assert run["state"] == "completed", run
    expected = "".join(f"line {n}\n" for n in range(LINES)) + "towel False\n"
    assert hosts.system.log(number).decode() == expected
    assert [event["to_state"] for event in run["events"]].count("running") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_on_a_target_is_canceled(hosts: Hosts, kind: str) -> None:
    name = f"{kind}-canceled"
    hosts.attach(name, **facts_of(hosts, kind, managed=False))
    number = hosts.system.submit("where.py", "1000", "0.1", target=name)
    hosts.system.wait_for(number, "running", seconds=60)
    assert hosts.system.call("POST", f"/projects/hello/runs/{number}/cancel").status_code == 202
    assert hosts.system.wait_for_end(number, 60)["state"] == "canceled"
