"""A program whose supervisor is dead is ended by a stop: whoever looks in the midst of it sees no supervisor."""

import os

import pytest

from computes.contract import Condition
from computes.executors.process import ProcessExecutor
from computes.supervisor import look, stop
from computes.supervisor.files import read_state, write_state
from computes.supervisor.locks import lock_run
from tests.computes.on_targets import Bench, wait_for_end
from tests.computes.test_evidence import start_and_orphan


@pytest.mark.parametrize("is_seen_locked", [True, False])
def test_an_adoption_during_a_look_makes_no_supervisor(
    executor: ProcessExecutor, bench: Bench, monkeypatch: pytest.MonkeyPatch, is_seen_locked: bool
) -> None:
    address = start_and_orphan(executor, bench)
    folder = str(bench.run_folder(address))
    state, real, locks = read_state(folder), look.is_locked, []
    assert state is not None

    def adopt(folder: str) -> bool:
        monkeypatch.setattr(look, "is_locked", real)
        write_state(folder, {**state, "adopted": True})
        locks.append(lock_run(folder, 1.0))
        return is_seen_locked

    monkeypatch.setattr(look, "is_locked", adopt)
    status = executor.poll(address)
    assert (status.condition, status.supervised, len(locks)) == (Condition.ALIVE, False, 1)
    os.close(locks[0] or -1)
    executor.stop(address, 0)
    wait_for_end(executor, address)


def test_an_orphan_is_adopted_before_its_lock_is_taken(
    executor: ProcessExecutor, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = start_and_orphan(executor, bench)
    folder = str(bench.run_folder(address))
    state, seen = read_state(folder), []
    assert state is not None

    def hold_back(folder: str, patience_seconds: float) -> None:
        seen.append((read_state(folder) or {}).get("adopted"))

    monkeypatch.setattr(stop, "lock_run", hold_back)
    stop.end_orphan(folder, state, 0)
    assert seen == [True]
    status = executor.poll(address)
    assert (status.condition, status.supervised) == (Condition.ALIVE, False)
    executor.stop(address, 0)
    wait_for_end(executor, address)
