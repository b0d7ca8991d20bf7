"""Every run waits for the start of its supervisor, so that loads nothing which only other verbs need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import computes
from computes.supervisor import BOOT

HEAVY = {"subprocess", "hashlib", "tarfile", "shutil", "threading", "tempfile", "supervisor.serve"}
TELL = "; import json; print(json.dumps(sorted(sys.modules)))"


@pytest.mark.parametrize(("verb", "module"), [("start", "launch"), ("status", "look"), ("clean_up", "removal")])
def test_a_verb_of_a_run_loads_only_what_it_needs(verb: str, module: str, tmp_path: Path) -> None:
    (tmp_path / "locks").mkdir()
    (tmp_path / "ended").mkdir()
    (tmp_path / "ended" / "run").touch()
    program = BOOT.replace("sys.exit(main(sys.argv[2:]))", "main(sys.argv[2:])") + TELL
    argv = [sys.executable, "-I", "-S", "-c", program, str(Path(computes.__file__).parent), verb]
    done = subprocess.run([*argv, str(tmp_path / "runs" / "run")], capture_output=True, text=True, check=True)
    answer, modules = map(json.loads, done.stdout.splitlines())
    assert answer["answer"] in ("refused", "absent", "clean")
    assert f"supervisor.{module}" in modules
    assert HEAVY.isdisjoint(modules)


def test_what_starts_one_run_after_the_other_loads_only_what_that_needs() -> None:
    program = BOOT.replace("sys.exit(main(sys.argv[2:]))", "main(sys.argv[2:])") + TELL
    argv = [sys.executable, "-I", "-S", "-c", program, str(Path(computes.__file__).parent), "launcher"]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    modules = json.loads(done.stdout)
    assert "supervisor.launch" in modules
    assert HEAVY.isdisjoint(modules)
