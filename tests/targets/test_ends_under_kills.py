"""Every way in which a run can end, on every kind of target, while our processes are killed again and again."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.stack.base_image import PYTHON_IMAGE
from tests.targets.conftest import Hosts
from tests.targets.project_code import talk

pytestmark = [pytest.mark.stack, pytest.mark.timeout(400)]

LINES = 60_000
MEMORY_BYTES = 96 * 1024**2
KILLS = 12
LEAST_KILLS = 5
LIMIT_SECONDS = 8  # long enough to say a word before it, also on a busy machine
ENDED = ("completed", "failed", "canceled")


@contextmanager
def kills(hosts: Hosts, seed: int) -> Iterator[list[str]]:
    """Kill one of our processes after the other, at random; give whom it has hit. Each has a moment to do something."""
    chance, over, hit = random.Random(seed), threading.Event(), list[str]()

    def kill() -> None:
        while not over.wait(chance.uniform(0.2, 3.5)) and len(hit) < KILLS:
            name = chance.choice(["web", "workers", "controller"])
            hosts.system.kill(name)
            hosts.system.start(name)
            hit.append(name)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield hit
    finally:
        over.set()
        thread.join(60)


def run_of(hosts: Hosts, number: int) -> dict[str, Any]:
    """Return a run; the web process may just have been killed."""
    return dict(hosts.patiently("GET", f"/projects/hello/runs/{number}").json())


def test_each_end_is_the_right_one_whoever_is_killed_meanwhile(hosts: Hosts) -> None:
    system = hosts.system
    names = hosts.one_of_each_kind("killed", PYTHON_IMAGE, memory_bytes=MEMORY_BYTES)
    expected: dict[int, tuple[str, str, bytes]] = {}
    to_cancel: list[int] = []
    for target in ("local", *names):
        expected[system.submit("talk.py", str(LINES), "0.005", target=target)] = ("completed", "", talk(LINES))
        expected[system.submit("fail.py", target=target)] = ("failed", "script_failed", b"about to fail\n")
        expected[system.submit("silent.py", target=target)] = ("completed", "", b"")
        limited = system.submit("wait.py", target=target, time_limit_seconds=LIMIT_SECONDS)
        expected[limited] = ("failed", "time_limit", b"ready\n")
        canceled = system.submit("wait.py", target=target)
        expected[canceled] = ("canceled", "", b"ready\n")
        to_cancel.append(canceled)
        if "docker" in target:
            expected[system.submit("hungry.py", target=target)] = ("failed", "out_of_memory", b"hungry\n")
    with kills(hosts, seed=11) as hit:
        deadline = time.monotonic() + 150
        left = list(expected)
        while left := [number for number in left if run_of(hosts, number)["state"] not in ENDED]:
            assert time.monotonic() < deadline, [run_of(hosts, number) for number in left]
            for number in [number for number in to_cancel if run_of(hosts, number)["log_bytes"]]:
                if len(to_cancel) == 1 and len(hit) < LEAST_KILLS:
                    break  # the last one runs until there were enough
                hosts.patiently("POST", f"/projects/hello/runs/{number}/cancel")
                to_cancel.remove(number)
            time.sleep(0.3)
    assert len(hit) >= LEAST_KILLS
    for number, (state, reason, log) in expected.items():
        run = system.run(number)
        assert (run["state"], run["reason"]) == (state, reason), run
        assert system.log(number) == log, number
        states = [event["to_state"] for event in run["events"] if event["to_state"]]
        assert states == ["queued", "preparing", "running", "finalizing", state]
        kept = {"talk.py": ["said.txt"], "silent.py": ["only.txt"]}.get(run["script"], [])
        outputs = system.call("GET", f"/projects/hello/runs/{number}/outputs").json()
        assert [output["path"] for output in outputs] == kept
    hosts.assert_nothing_is_left()
