"""A large image is pulled while the run waits: with progress in its log, without a worker, and a cancel ends it."""

import pytest

from computes.executors.docker.engine import Engine
from tests.stack.base_image import image_tar
from tests.stack.registry import Content, image_of, serving
from tests.stack.system import wait_until
from tests.targets.conftest import Hosts

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def image() -> Content:
    """An image with Python."""
    return image_of(image_tar(with_python=True), "")


def attach(hosts: Hosts, name: str, image: str) -> None:
    """Attach a target with an image that is not there yet, which its check says."""
    facts = {"kind": "localdocker", "user_managed_environment": True, "slots": 4, **hosts.containers(image)}
    answer = hosts.system.call("POST", "/targets", by="ada", json={"name": name, **facts})
    assert answer.status_code == 201, answer.text
    hosts.system.grant(name)


def wait_for_pull(hosts: Hosts, number: int) -> None:
    """Wait until a run says that its image is coming: a layer's step, or after 5 seconds how much of it has come."""

    def is_coming() -> bool:
        reason = hosts.system.run(number)["wait_reason"]
        return ": Downloading, " in reason or "MiB so far, " in reason

    wait_until(is_coming, 60, every=0.02)
    assert hosts.system.run(number)["wait_reason"].startswith("pulling the image: ")
    log = hosts.system.call("GET", f"/projects/hello/runs/{number}/log?stream=build").text
    assert "Pulling" in log


def remove_image(hosts: Hosts, name: str) -> None:
    """Remove an image when the containers of ended runs are cleaned up, so that its layer has to come again."""
    engine = Engine(hosts.engine.socket)
    wait_until(lambda: not engine.api.containers(all=True), 60)
    engine.api.remove_image(name)
    engine.close()


def test_a_run_waits_for_its_image_without_a_worker_and_then_runs(plain_hosts: Hosts, image: Content) -> None:
    hosts = plain_hosts
    image.gate.clear()
    with serving(image) as address:
        attach(hosts, "big-image", f"{address}/lab/python:1")
        first, second = (hosts.system.submit("where.py", "1", "0", target="big-image") for _ in range(2))
        wait_for_pull(hosts, first)
        wait_for_pull(hosts, second)
        assert hosts.system.run(first)["state"] == "preparing"
        others = [hosts.system.submit("where.py", "1", "0") for _ in range(2)]
        assert [hosts.system.wait_for_end(number)["state"] for number in others] == ["completed"] * 2
        hosts.system.kill("workers")
        hosts.system.start("workers")
        image.gate.set()
        for number in (first, second):
            run = hosts.system.wait_for_end(number, 90)
            assert run["state"] == "completed", (run["reason_detail"], hosts.system.log(number))
        remove_image(hosts, f"{address}/lab/python:1")
        again = hosts.system.submit("where.py", "1", "0", target="big-image")
        assert hosts.system.wait_for_end(again, 90)["state"] == "completed", "it is pulled once more"
        remove_image(hosts, f"{address}/lab/python:1")
    assert hosts.system.call("GET", "/environments").json()["environments"] == []


def test_a_cancel_ends_the_wait_and_the_pull(plain_hosts: Hosts, image: Content) -> None:
    hosts = plain_hosts
    image.gate.clear()
    with serving(image) as address:
        attach(hosts, "canceled-pull", f"{address}/lab/python:2")
        number = hosts.system.submit("where.py", "1", "0", target="canceled-pull")
        wait_for_pull(hosts, number)
        assert hosts.system.call("POST", f"/projects/hello/runs/{number}/cancel").status_code == 202
        assert hosts.system.wait_for_end(number, 30)["state"] == "canceled"
        later = hosts.system.submit("where.py", "1", "0", target="canceled-pull")
        image.gate.set()
        assert hosts.system.wait_for_end(later, 90)["state"] == "completed"


def test_an_image_that_nobody_has_ends_the_run_with_the_reason(plain_hosts: Hosts, image: Content) -> None:
    hosts = plain_hosts
    with serving(image) as address:
        attach(hosts, "no-image", f"{address}/lab/python:none")
        number = hosts.system.submit("where.py", "1", "0", target="no-image")
        run = hosts.system.wait_for_end(number, 60)
        assert (run["state"], run["reason"]) == ("failed", "preparation_failed")
        assert "name or tag" in run["reason_detail"]
