"""A script action in a whole installation: over the API, while every process of the server is killed and comes back."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.computes.django.action_bench import Crowd, crowd
from tests.stack.left_out import need
from tests.stack.parts import SSHD
from tests.stack.system import System, running_system, wait_until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]
SCRIPT = """#!/bin/sh
echo x >> "$HOME/starts"
echo began
while test ! -e "$HOME/go"; do sleep 0.1; done
echo done
exit 4
"""


@pytest.fixture
def hosts() -> Iterator[Crowd]:
    """A head node and two nodes."""
    need(SSHD)
    with crowd() as running:
        yield running


@pytest.fixture
def system(code: Path) -> Iterator[System]:
    """A running installation."""
    with running_system(code) as running:
        yield running


def ask(system: System, method: str, path: str, status: int = 200, **options: Any) -> dict[str, Any]:
    """Call the API as the administrator."""
    answer = system.call(method, f"/targets/spark{path}", by="ada", **options)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def attach(system: System, hosts: Crowd) -> None:
    """Attach the cluster, and approve what head node and nodes show."""
    access = hosts.head.access
    facts = {
        "name": "spark",
        "kind": "cluster",
        "address": f"{access.host}:{access.port}",
        "username": access.username,
        "private_key": access.private_key,
        "spark_master": "local[*]",
        "worker_nodes": hosts.addresses(),
    }
    assert system.call("POST", "/targets", by="ada", json=facts).status_code == 201
    shown = wait_until(lambda: ask(system, "GET", "/host-key")["hosts"][0]["shown"], 60)
    ask(system, "POST", "/host-key/approve", json={"fingerprint": shown[0]["fingerprint"]})
    ask(system, "POST", "/nodes/scan", 202)
    wait_until(lambda: ask(system, "GET", "/nodes")["scan"]["is_finished"], 60)
    nodes = ask(system, "GET", "/nodes")["nodes"]
    keys = [{"node": node["node"], "fingerprint": node["shown"][0]["fingerprint"]} for node in nodes]
    approved = ask(system, "POST", "/nodes/approve", json={"keys": keys})
    assert [node["state"] for node in approved["nodes"]] == ["approved", "approved"]


def test_a_script_runs_once_on_every_node_while_the_server_is_killed(system: System, hosts: Crowd) -> None:
    attach(system, hosts)
    wanted = {"name": "wait", "script": SCRIPT, "sha256": hashlib.sha256(SCRIPT.encode()).hexdigest()}
    options: dict[str, Any] = {"json": wanted, "headers": {"Idempotency-Key": "once"}}
    action = ask(system, "POST", "/script-actions", 201, **options)
    path = f"/script-actions/{action['id']}"
    wait_until(lambda: all((node.home / "starts").exists() for node in hosts.nodes), 60)
    for name in ("workers", "controller", "web"):
        system.kill(name)
    assert not (hosts.nodes[0].home / "go").exists()
    system.start()
    assert ask(system, "POST", "/script-actions", 200, **options)["id"] == action["id"]
    wait_until(lambda: {node["state"] for node in ask(system, "GET", path)["outcomes"]} == {"running"}, 150)
    for node in hosts.nodes:
        (node.home / "go").touch()
    wait_until(lambda: ask(system, "GET", path)["is_finished"], 150)
    found = ask(system, "GET", path)
    assert [(node["state"], node["exit_code"]) for node in found["outcomes"]] == [("ended", 4)] * 2
    assert [(node.home / "starts").read_text() for node in hosts.nodes] == ["x\n"] * 2
    log = system.call("GET", f"/targets/spark{path}/nodes/1/log", by="ada")
    assert (log.content, log.headers["X-Log-Complete"]) == (b"began\ndone\n", "true")
    assert system.call("GET", f"/targets/spark{path}/nodes/1/log?from=6&limit=2", by="ada").content == b"do"
    wait_until(lambda: not any(node["remains"] for node in ask(system, "GET", path)["outcomes"]), 150)
