"""The executor behind Livy keeps the contract (a played Livy, real drivers, a folder that both sides have)."""

import json
from collections.abc import Mapping

from computes.contract import ExecutionRequest
from tests.computes.contract_suite import ExecutorContract
from tests.computes.on_targets import Bench
from tests.computes.test_process_executor import PRINT, WAIT, WRITE


class TestLivyExecutor(ExecutorContract):
    def printing(self, bench: Bench, *lines: str) -> ExecutionRequest:
        return bench.request(PRINT, *lines)

    def failing(self, bench: Bench, code: int) -> ExecutionRequest:
        return bench.request("import sys; sys.exit(int(sys.argv[1]))", str(code))

    def waiting(self, bench: Bench) -> ExecutionRequest:
        return bench.request(WAIT)

    def writing(self, bench: Bench, outputs: Mapping[str, str]) -> ExecutionRequest:
        return bench.request(WRITE, json.dumps(dict(outputs)))
