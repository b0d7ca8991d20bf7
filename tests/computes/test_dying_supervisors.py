"""A supervisor that is killed after it let the program go, and before it could say so."""

import json
import subprocess
import sys

from computes.contract import Condition
from computes.executors.process import ProcessExecutor
from computes.executors.specification import specification_of, to_bytes
from computes.supervisor.files import read_state
from computes.work_folder import WorkFolder
from tests.computes.on_targets import Bench, wait_for_end

SCRIPT = "open('ran', 'x').close()\n"
DYING = (
    "import json, os, signal, sys; sys.path.insert(0, sys.argv[1]);"
    "from supervisor import launch\n"
    "launch.acknowledge = lambda sender, answer: os.kill(os.getpid(), signal.SIGKILL)\n"
    "print(json.dumps(launch.start(sys.argv[2])))"
)


def test_a_program_that_was_let_go_has_started_though_nobody_said_so(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(SCRIPT)
    folder = WorkFolder(executor.machine, request.address.settings)
    folder.open(request.address.installation_id)
    run_folder = bench.run_folder(request.address)
    (run_folder / "code").mkdir(parents=True)
    (run_folder / "code/main.py").write_text(SCRIPT)
    specification = specification_of(request, executor.machine, str(run_folder), folder.in_run(), executor.program)
    (run_folder / "spec.json").write_bytes(to_bytes(specification))
    argv = [sys.executable, "-I", "-S", "-c", DYING, folder.supervisor(), str(run_folder)]
    said = json.loads(subprocess.run(argv, stdout=subprocess.PIPE, check=True, timeout=60).stdout)
    state = read_state(str(run_folder))
    assert state is not None
    assert said == {"answer": "started", "pid": state["pid"]}
    assert wait_for_end(executor, request.address).condition is Condition.LOST
    assert (run_folder / "code/ran").exists()
