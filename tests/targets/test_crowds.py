"""Many runs at once in the slots of one engine, and the engine's own misfortunes, through a whole installation."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from computes.executors.docker.engine import Engine
from tests.stack.base_image import PYTHON_IMAGE
from tests.targets.conftest import Hosts

pytestmark = pytest.mark.stack

RUNS = 20
SLOTS = 4


@contextmanager
def samples(hosts: Hosts) -> Iterator[list[int]]:
    """Count the running containers of runs again and again meanwhile."""
    over, found = threading.Event(), list[int]()

    def count() -> None:
        with closing(Engine(hosts.engine.socket)) as engine:
            while not over.wait(0.03):
                containers = engine.containers({"amlweb.kind": "run"})
                found.append(sum(container["State"] == "running" for container in containers))

    thread = threading.Thread(target=count)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join(60)


def test_twenty_runs_at_once_share_four_slots(hosts: Hosts) -> None:
    hosts.attach("crowd", kind="localdocker", user_managed_environment=True, **hosts.containers(PYTHON_IMAGE))
    with samples(hosts) as found:
        runs = [hosts.system.submit("talk.py", "300", "1", target="crowd") for _ in range(RUNS)]
        for number in runs:
            hosts.assert_talked(number, 300, 120)
    assert max(found) == SLOTS
    hosts.assert_nothing_is_left()


def test_a_restart_of_docker_ends_a_run_with_that_reason_and_the_next_one_runs(hosts: Hosts) -> None:
    names = [name for name in hosts.one_of_each_kind("restarted", PYTHON_IMAGE) if "docker" in name]
    runs = [hosts.system.submit("talk.py", "100000", "0.2", target=name) for name in names]
    for number in runs:
        hosts.wait_for_line(number, b"line 101 ")
    hosts.engine.stop()
    time.sleep(1)  # somebody looks at it meanwhile
    hosts.engine.start()
    for number in runs:
        run = hosts.system.wait_for_end(number, 60)
        assert (run["state"], run["reason"]) == ("failed", "killed_from_outside"), run
        assert "SIGTERM" in run["reason_detail"]
        assert "Docker itself" in str(run["cancel_receipt"])
    for name in names:
        hosts.assert_talked(hosts.system.submit("talk.py", "9", "0", target=name), 9)


def test_an_image_that_cannot_be_had_is_named_with_what_to_do(hosts: Hosts) -> None:
    facts = {"kind": "localdocker", "slots": 1, "user_managed_environment": True}
    facts |= hosts.containers("127.0.0.1:9/no/such:1")
    answer = hosts.system.call("POST", "/targets", by="ada", json={"name": "imageless", **facts})
    assert answer.status_code == 201, answer.text
    hosts.system.grant("imageless")
    run = hosts.system.wait_for_end(hosts.system.submit("talk.py", "9", "0", target="imageless"), 60)
    assert (run["state"], run["reason"]) == ("failed", "preparation_failed"), run
    assert "127.0.0.1:9/no/such:1" in run["reason_detail"]
    assert "docker pull" in run["reason_detail"]
