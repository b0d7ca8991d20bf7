"""The scripts that contracts of executors run where a real Python runs them."""

import json
from collections.abc import Mapping

from computes.contract import ExecutionRequest
from tests.computes.on_targets import Bench

PRINT = "import sys\nfor line in sys.argv[1:]:\n    print(line)\n"
WAIT = "import time\nprint('ready')\ntime.sleep(60)\n"
WRITE = """
import json, os, sys
for path, text in json.loads(sys.argv[1]).items():
    path = os.path.join("outputs", path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "w").write(text)
"""


class PythonScripts:
    """What `tests.computes.contract_suite.ExecutorContract` asks for, as scripts."""

    def printing(self, bench: Bench, *lines: str) -> ExecutionRequest:
        return bench.request(PRINT, *lines)

    def failing(self, bench: Bench, code: int) -> ExecutionRequest:
        return bench.request("import sys; sys.exit(int(sys.argv[1]))", str(code))

    def waiting(self, bench: Bench) -> ExecutionRequest:
        return bench.request(WAIT)

    def writing(self, bench: Bench, outputs: Mapping[str, str]) -> ExecutionRequest:
        return bench.request(WRITE, json.dumps(dict(outputs)))
