"""The supervisor and the in-run library work with every Python from 3.6 on that this machine has."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from computes.executors.process import ProcessExecutor
from computes.executors.run_placing import place_run
from computes.executors.specification import program_of, specification_of
from computes.machines.contract import Owner
from computes.machines.local import LocalMachine
from computes.supervisor import BOOT
from computes.work_folder import WorkFolder
from tests.computes.on_targets import Bench, MachineWithPython, is_alive, wait_for_end, wait_for_line
from tests.computes.test_ending_runs import LEAVES_A_DAEMON, STUBBORN

METRICS = """
import amlweb_run
from azureml.logging import get_azureml_logger
amlweb_run.log("accuracy", 0.5, step=1)
get_azureml_logger().log("list", [1, 2]).wait()
"""


def find_pythons() -> list[str]:
    """Return one interpreter of each version that is installed here, ours first."""
    found = {f"{sys.version_info[0]}.{sys.version_info[1]}": sys.executable}
    for minor in range(6, 20):
        places = [shutil.which(f"python3.{minor}")]
        places += [str(path) for path in Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python3")]
        for place in filter(None, places):
            if subprocess.run([place, "-c", ""], capture_output=True, check=False).returncode == 0:
                found.setdefault(f"3.{minor}", place)
    return list(found.values())


@pytest.fixture(params=find_pythons())
def python(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_supervisor_starts_stops_and_sweeps(python: str, bench: Bench) -> None:
    executor = ProcessExecutor(MachineWithPython(python))
    assert all(item.ok for item in executor.check(bench.settings()))
    request = bench.request(STUBBORN)
    executor.start(request)
    wait_for_line(executor, request.address, b"ready\n")
    executor.stop(request.address, 0.1)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert (status.exit.signal, status.exit.ended_by) == (9, "cancel")
    for name in ("child", "daemon"):
        assert not is_alive(int((bench.run_folder(request.address) / "code" / name).read_text()))
    executor.clean_up(request.address)
    assert not bench.run_folder(request.address).exists()


def test_daemons_are_swept_after_an_ordinary_end(python: str, bench: Bench) -> None:
    executor = ProcessExecutor(MachineWithPython(python))
    request = bench.request(LEAVES_A_DAEMON)
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.code == 3
    assert not is_alive(int((bench.run_folder(request.address) / "code/daemon").read_text()))


def test_a_run_is_supervised_from_the_foreground_once_it_is_admitted(python: str, bench: Bench) -> None:
    machine = MachineWithPython(python)
    request = bench.request("import sys\nprint('hello')\nsys.exit(3)", secrets={"TOKEN": "hush"})
    folder = WorkFolder(machine, request.address.settings)
    folder.open(request.address.installation_id)
    run_folder = folder.run_folder(request.address)
    specification = specification_of(request, machine, run_folder, folder.in_run(), program_of)
    place_run(folder, request, specification, f"{run_folder}-placed")
    owner = Owner("", "65534:65534", readable=[folder.supervisor()])
    answer = machine.admit(run_folder, f"{run_folder}-placed", owner)
    assert answer["answer"] == "admitted"
    assert answer["user"].split(":")[0] == str(os.geteuid() or 65534)
    argv = [python, "-I", "-S", "-c", BOOT, folder.supervisor(), "run", run_folder]
    assert subprocess.run(argv, check=False, timeout=60).returncode == 3
    status = ProcessExecutor(machine).poll(request.address)
    assert status.exit is not None
    assert (status.exit.code, status.log_bytes) == (3, 6)
    assert json.loads(Path(run_folder, "launch.json").read_text())["answer"] == "started"
    assert not Path(run_folder, "secrets.json").exists()
    again = subprocess.run(argv, check=False, timeout=60, capture_output=True)
    assert (again.returncode, b"started before" in again.stderr) == (125, True)
    assert machine.admit(run_folder, f"{run_folder}-late", owner)["answer"] == "found"


def test_scripts_log_metrics_and_describe_their_interpreter(python: str, bench: Bench) -> None:
    executor = ProcessExecutor(LocalMachine())
    request = Bench(bench.root, python=python).request(METRICS)
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.code == 0
    lines = (bench.run_folder(request.address) / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["accuracy", "list"]
    record = executor.describe(request.address)
    assert record.version.split(".")[:2] == subprocess.check_output([python, "-V"], text=True).split()[1].split(".")[:2]
    assert executor.describe(request.address) is record
