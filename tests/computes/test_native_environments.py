"""Plain processes in an environment that was built on their machine."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from computes.environments.folder_place import FolderPlace
from computes.errors import EnvironmentGone
from computes.executors.native_environment import in_its_environment
from computes.executors.process import ProcessExecutor
from computes.machines.local import LocalMachine
from tests.computes.on_targets import INSTALLATION, Bench, wait_for_end

HASH = "0123456789abcdef" * 2
SCRIPT = "import os, shutil\nprint(os.environ['PATH'])\nprint(shutil.which('tool'))\n"
OWN = "import mine\nprint(mine.WORDS)\n"


def test_a_run_gets_the_interpreter_of_its_environment_and_finds_its_programs_first(
    bench: Bench, executor: ProcessExecutor
) -> None:
    request = replace(bench.request(SCRIPT, environment={"PATH": "/own/bin"}), environment_hash=HASH)
    prefix = bench.work / "env" / HASH
    place = FolderPlace(LocalMachine(), str(bench.work), INSTALLATION)
    with pytest.raises(EnvironmentGone):
        executor.start(request)
    place.begin(HASH)
    place.put(HASH, {"bin/python": f'#!/bin/sh\nexec {sys.executable} "$@"\n'.encode(), "bin/tool": b"#!/bin/sh\n"})
    for program in (prefix / "bin").iterdir():
        program.chmod(0o755)
    with pytest.raises(EnvironmentGone):
        executor.start(request)
    place.complete(HASH)
    executor.start(request)
    wait_for_end(executor, request.address)
    log = (bench.run_folder(request.address) / "log").read_text()
    assert log == f"{prefix}/bin:/own/bin\n{prefix}/bin/tool\n"
    executor.clean_up(request.address)


@pytest.mark.parametrize(("variables", "code"), [({}, 1), ({"PYTHONNOUSERSITE": ""}, 0)])
def test_what_the_account_has_installed_for_itself_is_no_part_of_an_environment(
    bench: Bench, executor: ProcessExecutor, tmp_path: Path, variables: dict[str, str], code: int
) -> None:
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    own = tmp_path / "home" / "lib" / version / "site-packages"
    own.mkdir(parents=True)
    (own / "mine.py").write_text("WORDS = 'of the account'\n")
    environment = {"PYTHONUSERBASE": str(tmp_path / "home"), **variables}
    request = replace(bench.request(OWN, environment=environment), environment_hash=HASH)
    place = FolderPlace(LocalMachine(), str(bench.work), INSTALLATION)
    place.begin(HASH)
    python = bench.work / "env" / HASH / "bin" / "python"
    place.put(HASH, {"bin/python": f'#!/bin/sh\nexec {sys._base_executable} "$@"\n'.encode()})
    python.chmod(0o755)
    place.complete(HASH)
    executor.start(request)
    record = wait_for_end(executor, request.address).exit
    assert record is not None
    assert record.code == code, (bench.run_folder(request.address) / "log").read_text()
    executor.clean_up(request.address)


def test_nothing_changes_where_the_user_manages_the_packages(bench: Bench) -> None:
    request = bench.request(SCRIPT)
    assert in_its_environment(request, LocalMachine()) is request


def test_the_check_says_whether_what_was_prepared_is_there(bench: Bench, executor: ProcessExecutor) -> None:
    settings = replace(bench.settings(), user_managed_environment=False, environments=(HASH,))

    def found() -> tuple[bool, str]:
        return next((item.ok, item.detail) for item in executor.check(settings) if item.name == "Environments")

    place = FolderPlace(LocalMachine(), str(bench.work), INSTALLATION)
    place.begin(HASH)
    assert found() == (False, f"Not there any more, though it was prepared: {HASH[:12]}.")
    place.complete(HASH)
    assert found() == (True, f"Prepared and there: {HASH[:12]}.")
