"""Looks at many runs share round trips, mislead nobody, and are safe from what scripts write into their records."""

from types import SimpleNamespace
from typing import Any

import pytest

from computes.contract import Condition
from computes.executors.process import DAMAGED, ProcessExecutor
from computes.machines.ssh import SshMachine
from computes.machines.ssh.looks import FRESH_SECONDS, Looks
from tests.computes.on_targets import Bench, wait_for_end


class Host:
    """Answers looks, and remembers who was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.answers: dict[str, str] = {}

    def look(self, folders: list[str]) -> list[dict[str, Any]]:
        self.asked.append(folders)
        return [{"answer": self.answers.get(folder, "alive")} for folder in folders]


def test_a_round_of_looks_costs_one_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("computes.machines.ssh.looks.time", SimpleNamespace(monotonic=lambda: now))
    host = Host()
    looks = Looks(host.look)
    names = [f"run {number}" for number in range(50)]
    for name in names:
        looks.at(name)
    before = len(host.asked)
    now = FRESH_SECONDS
    for name in names:
        assert looks.at(name) == {"answer": "alive"}
    assert len(host.asked) == before + 1
    assert set(host.asked[-1]) == set(names)


def test_only_life_is_passed_on_and_only_once() -> None:
    host = Host()
    host.answers["ended"] = "exited"
    looks = Looks(host.look)
    for name in ("alive", "ended", "absent"):
        looks.at(name)
    host.answers["absent"] = "absent"
    looks.at("alive")
    count = len(host.asked)
    for name in ("ended", "absent"):
        looks.at(name)
    assert len(host.asked) == count + 2
    host.answers["alive"] = "exited"
    looks.at("alive")
    assert looks.at("alive") == {"answer": "exited"}


def test_a_change_of_ours_makes_the_next_look_ask() -> None:
    host = Host()
    looks = Looks(host.look)
    looks.at("one")
    looks.at("two")
    looks.forget()
    host.answers["one"] = "exited"
    assert looks.at("one") == {"answer": "exited"}
    assert host.asked[-1] == ["one"]


def test_records_that_a_script_wrote_over_end_no_other_look(
    machine: SshMachine, executor: ProcessExecutor, bench: Bench
) -> None:
    hostile, honest = bench.request("print(1)"), bench.request("print(2)")
    for request in (hostile, honest):
        executor.start(request)
        wait_for_end(executor, request.address)
    agent = machine.ask({"deed": "hello"})[0]["pid"]
    for text in ('{"a": 1}', '{"phase": []}', "[" * 9000, '{"phase": "running", "boot_id": {}}'):
        (bench.run_folder(hostile.address) / "state.json").write_text(text)
        executor.poll(hostile.address)
        assert executor.poll(honest.address).condition is Condition.EXITED
    (bench.run_folder(hostile.address) / "state.json").write_text('{"a": 1}')
    status = executor.poll(hostile.address)
    assert (status.condition, status.why) == (Condition.UNREACHABLE, DAMAGED)
    assert machine.ask({"deed": "hello"})[0]["pid"] == agent
