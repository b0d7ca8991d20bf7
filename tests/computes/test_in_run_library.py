"""What scripts import while they run: metrics, outputs, and the shim of azureml."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

IN_RUN = Path(__file__).resolve().parents[2] / "computes/in_run"


@pytest.fixture
def metrics(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


def run_script(
    metrics: Path | None, script: str, *more_path: Path, ours_first: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run a script with our library on its path; more folders follow or come first."""
    places = [str(IN_RUN), *map(str, more_path)]
    environment = {"PYTHONPATH": ":".join(places if ours_first else reversed(places)), "PATH": os.environ["PATH"]}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    if metrics is not None:
        environment.update(AMLWEB_METRICS=str(metrics), AMLWEB_OUTPUTS=str(metrics.parent / "outputs"))
        environment["AMLWEB_RUN_ID"] = "abc"
    return subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def lines_of(metrics: Path) -> list[dict[str, object]]:
    found = [json.loads(line, parse_constant=pytest.fail) for line in metrics.read_text().splitlines()]
    for line in found:
        assert isinstance(line.pop("time"), float)
    return found


def test_numbers_lists_and_texts_become_lines(metrics: Path) -> None:
    done = run_script(
        metrics,
        "import amlweb_run as a\n"
        "a.log('loss', 0.5)\na.log('loss', 1, step=3)\na.log('ok', True)\n"
        "a.log('curve', (1, 2.5))\na.log('note', 'é')\n"
        "a.log_metrics({'x': 1, 'y': 2}, step=4)\n",
    )
    assert done.returncode == 0, done.stderr
    assert lines_of(metrics) == [
        {"name": "loss", "value": 0.5, "step": None},
        {"name": "loss", "value": 1, "step": 3},
        {"name": "ok", "value": 1, "step": None},
        {"name": "curve", "values": [1, 2.5]},
        {"name": "note", "text": "é"},
        {"name": "x", "value": 1, "step": 4},
        {"name": "y", "value": 2, "step": 4},
    ]


def test_values_that_json_does_not_know_are_texts(metrics: Path) -> None:
    run_script(metrics, "import amlweb_run as a; i = float('inf'); a.log('a', i); a.log('b', [-i, i - i])")
    assert lines_of(metrics) == [
        {"name": "a", "value": "Infinity", "step": None},
        {"name": "b", "values": ["-Infinity", "NaN"]},
    ]


def test_arrays_and_their_scalars_are_welcome(metrics: Path) -> None:
    done = run_script(
        metrics,
        "import amlweb_run as a\n"
        "class Scalar:\n    def item(self): return 2.5\n"
        "class Array:\n    def tolist(self): return [Scalar(), 3]\n"
        "class Matrix:\n    def tolist(self): return [[1, 2], [3, 4]]\n"
        "from decimal import Decimal\n"
        "a.log('s', Scalar()); a.log('a', Array()); a.log('d', Decimal('1.5')); a.log('m', Matrix())\n",
    )
    assert done.returncode == 0, done.stderr
    assert lines_of(metrics) == [
        {"name": "s", "value": 2.5, "step": None},
        {"name": "a", "values": [2.5, 3]},
        {"name": "d", "value": 1.5, "step": None},
        {"name": "m", "text": "[[1, 2], [3, 4]]"},
    ]


@pytest.mark.parametrize(
    "call",
    ["log('', 1)", "log('  ', 1)", "log('a\\nb', 1)", "log('x' * 251, 1)", "log(7, 1)", "log('a', None)",
     "log('a', {})", "upload('../x', b'')", "upload('/x', b'')", "upload('a//b', b'')", "log('a', 'x' * 2000000)"],
)  # fmt: skip
def test_what_cannot_be_kept_is_an_error_with_a_clear_text(metrics: Path, call: str) -> None:
    done = run_script(metrics, f"import amlweb_run; amlweb_run.{call}")
    assert done.returncode == 1
    assert "ValueError: " in done.stderr.splitlines()[-1]
    assert not metrics.exists()


def test_a_script_that_is_run_by_hand_works_and_is_told_once(tmp_path: Path) -> None:
    done = run_script(None, "import amlweb_run as a; a.log('x', 1); a.log('x', 2); print(a.run_id())")
    assert (done.returncode, done.stdout) == (0, "None\n")
    assert done.stderr.count("not kept") == 1


def test_a_full_disk_does_not_end_the_training() -> None:
    done = run_script(Path("/dev/full"), "import amlweb_run as a; a.log('x', 1); a.log('x', 2); print('on')")
    assert (done.returncode, done.stdout) == (0, "on\n")
    assert done.stderr.count("cannot be written") == 1


def test_lines_of_many_processes_do_not_mix(metrics: Path) -> None:
    script = (
        "import amlweb_run as a, os\n"
        "for n in range(4):\n    if os.fork() == 0:\n        for i in range(200): a.log('p%d' % n, [i] * 500)\n"
        "        os._exit(0)\n"
        "for n in range(4): os.wait()\n"
    )
    done = run_script(metrics, script)
    assert done.returncode == 0, done.stderr
    assert len(lines_of(metrics)) == 800


def test_uploads_are_outputs(metrics: Path) -> None:
    done = run_script(
        metrics,
        "import amlweb_run as a, io; a.upload('a/b.txt', 'é'); a.upload('c', io.BytesIO(b'1')); a.upload('d', b'2')",
    )
    assert done.returncode == 0, done.stderr
    outputs = metrics.parent / "outputs"
    assert (outputs / "a/b.txt").read_text() == "é"
    assert ((outputs / "c").read_bytes(), (outputs / "d").read_bytes()) == (b"1", b"2")


def test_the_loggers_of_azureml_work_unchanged(metrics: Path) -> None:
    done = run_script(
        metrics,
        "from azureml.logging import get_azureml_logger\n"
        "run_logger = get_azureml_logger()\n"
        "run_logger.log('Accuracy', 0.9).wait()\nrun_logger.upload('r.txt', 'x').wait()\n"
        "from azureml.core import Run\nrun = Run.get_context()\nrun.log('Rate', 0.1)\n"
        "run.log_list('l', [1])\nrun.log_row('t', a=1)\nprint(run.id)\n",
    )
    assert (done.returncode, done.stdout) == (0, "abc\n"), done.stderr
    assert [line["name"] for line in lines_of(metrics)] == ["Accuracy", "Rate", "l", "t/a"]
    assert (metrics.parent / "outputs/r.txt").read_text() == "x"


@pytest.mark.parametrize("is_namespace", [False, True])
@pytest.mark.parametrize("ours_first", [False, True])
def test_a_really_installed_azureml_wins(metrics: Path, tmp_path: Path, is_namespace: bool, ours_first: bool) -> None:
    real = tmp_path / "site" / "azureml"
    real.mkdir(parents=True)
    if not is_namespace:
        (real / "__init__.py").write_text("REAL = True\n")
    (real / "core.py").write_text("class Run:\n    real = True\n")
    script = (
        "import azureml, sys\nfrom azureml.core import Run\nprint(Run.real, getattr(azureml, 'REAL', None))\n"
        "assert sys.modules['azureml'] is azureml\n"
    )
    done = run_script(metrics, script, real.parent, ours_first=ours_first)
    assert (done.returncode, done.stdout) == (0, f"True {None if is_namespace else True}\n"), done.stderr


def test_modules_that_the_real_azureml_lacks_come_from_us(metrics: Path, tmp_path: Path) -> None:
    real = tmp_path / "site" / "azureml"
    real.mkdir(parents=True)
    (real / "__init__.py").write_text("")
    script = "from azureml.logging import get_azureml_logger; get_azureml_logger().log('x', 1)"
    done = run_script(metrics, script, real.parent)
    assert done.returncode == 0, done.stderr
    assert len(lines_of(metrics)) == 1
