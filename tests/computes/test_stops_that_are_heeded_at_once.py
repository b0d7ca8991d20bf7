"""A run may end before the stop that asked for it looks again: then its end is under way, and was not there before."""

import os
from typing import Any

import pytest

from computes.contract import StopState
from computes.executors.process import ProcessExecutor
from computes.supervisor import stop
from tests.computes.on_targets import Bench, wait_for_end, wait_for_line
from tests.computes.python_scripts import WAIT


@pytest.mark.parametrize("has_records", [True, False])
def test_a_run_that_ends_at_once_was_not_gone_before(
    executor: ProcessExecutor, bench: Bench, monkeypatch: pytest.MonkeyPatch, has_records: bool
) -> None:
    request = bench.request(WAIT)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    folder, real = bench.run_folder(request.address), stop.write_cancel
    if not has_records:
        (folder / "state.json").unlink()
        (folder / "lock").unlink()

    def write_and_wait(*arguments: Any) -> bool:
        done = real(*arguments)
        wait_for_end(executor, request.address)
        return done

    monkeypatch.setattr(stop, "write_cancel", write_and_wait)
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if stop.stop(str(folder), 5) == {"answer": "ending"} else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert executor.stop(request.address, 5).state is StopState.GONE
