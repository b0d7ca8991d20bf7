"""Plain processes over SSH keep the contract of all executors."""

import json
from pathlib import Path

import pytest

from computes.contract import Stream
from computes.executors.process import ProcessExecutor
from tests.computes.contract_suite import TargetContract
from tests.computes.on_targets import Bench, wait_for_end
from tests.computes.test_starting_runs import ECHO, HOSTILE


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, kind="remote")


class TestRemote(TargetContract):
    launch_steps = ("before_start", "start_run")


def test_arguments_and_variables_of_all_hostile_kinds_arrive_literally(executor: ProcessExecutor, bench: Bench) -> None:
    script = f"import os\n{ECHO}\nprint(json.dumps([os.environ['V%d' % n] for n in range({len(HOSTILE)})]))"
    variables = {f"V{number}": value for number, value in enumerate(HOSTILE)}
    request = bench.request(script, *HOSTILE, environment=variables)
    executor.start(request)
    wait_for_end(executor, request.address)
    log = executor.read(request.address, Stream.LOG, 0, 1 << 20)
    assert [json.loads(line) for line in log.splitlines()] == [HOSTILE, HOSTILE]
