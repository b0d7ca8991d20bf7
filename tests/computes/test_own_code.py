"""What of our own code a target is given."""

import subprocess
import sys
from pathlib import Path

from computes.machines.placing import place_folder
from computes.own_code import own_code
from computes.supervisor import BOOT


def status_from(folder: Path, run_folder: Path) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-B", "-I", "-S", "-c", BOOT, str(folder), "status", str(run_folder)]
    return subprocess.run(argv, capture_output=True, text=True)


def test_a_supervisor_that_was_placed_is_not_compiled_again_at_each_start(tmp_path: Path) -> None:
    placed = tmp_path / "placed"
    place_folder(placed, own_code("supervisor", "supervisor")[1], [])
    for source in placed.rglob("*.py"):
        source.write_text("raise SystemExit(9)")
    done = status_from(placed, tmp_path / "runs" / "run")
    assert (done.returncode, done.stderr) == (0, "")
    assert '"answer": "absent"' in done.stdout


def test_a_python_of_another_version_takes_the_sources(tmp_path: Path) -> None:
    placed = tmp_path / "placed"
    place_folder(placed, own_code("supervisor", "supervisor")[1], [])
    for compiled in placed.rglob("*.pyc"):
        compiled.rename(compiled.with_name(compiled.name.replace(str(sys.implementation.cache_tag), "cpython-30")))
    assert status_from(placed, tmp_path / "runs" / "run").returncode == 0
    for source in placed.rglob("command.py"):
        source.write_text("raise SystemExit(9)")
    assert status_from(placed, tmp_path / "runs" / "run").returncode == 9


def test_what_scripts_import_comes_as_sources_alone() -> None:
    assert {Path(file.path).suffix for file in own_code("in_run", "")[1]} == {".py"}
