"""The sample projects are real: their scripts run, log, and leave what their README says."""

import csv
import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from projects.aml_config.folder import read_aml_config
from projects.configuration import aml_config_of
from projects.snapshots.files import SnapshotFiles
from projects.sources import create_from_template
from projects.templates import TEMPLATES
from tests.stack.left_out import need
from tests.stack.parts import JAVA
from tests.stack.spark import QUICK_JAVA, spark_home

IN_RUN = settings.BASE_DIR / "computes" / "in_run"
PNG = b"\x89PNG\r\n\x1a\n"
WITH_ITS_PACKAGES = pytest.mark.one_database  # what a process of its own does


@pytest.fixture(scope="session")
def sample_python() -> str:
    """An interpreter that has requirements/sample.txt: the named one, the server's own, or one made once."""
    if given := os.environ.get("AMLWEB_TEST_SAMPLE_PYTHON"):
        return given
    if settings.SAMPLE_PYTHON.exists():
        return str(settings.SAMPLE_PYTHON)
    python = settings.BASE_DIR / "var" / "test-sample-python" / "bin" / "python"
    folder = python.parent.parent
    folder.mkdir(parents=True, exist_ok=True)
    with folder.with_name("test-sample-python.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the same tests may run beside these
        if not (folder / "ready").exists():
            uv = [sys.executable, "-m", "uv"]
            wanted = str(settings.BASE_DIR / "requirements" / "sample.txt")
            subprocess.run([*uv, "venv", "-q", "--clear", "--python", sys.executable, str(folder)], check=True)
            subprocess.run(
                [*uv, "pip", "install", "-q", "--python", str(python), "--require-hashes", "-r", wanted], check=True
            )
            (folder / "ready").touch()
    return str(python)


def run(python: str, folder: Path, metrics: Path, *command: str) -> "subprocess.CompletedProcess[bytes]":
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "PYTHONPATH": str(IN_RUN),
        "PYTHONUNBUFFERED": "1",
        "AMLWEB_METRICS": str(metrics),
    }
    arguments = [python, "-W", "error", *command]
    return subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, timeout=150, check=False)


def laid_out(user: User, template: str, folder: Path) -> Path:
    """Write the files as a run gets them: from the snapshot."""
    snapshot = create_from_template(user, "Mine", template).current_snapshot
    assert snapshot is not None
    for path, content in SnapshotFiles(snapshot, 10**7).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def metrics_in(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@WITH_ITS_PACKAGES
def test_the_iris_script_classifies_logs_and_leaves_its_files(alice: User, tmp_path: Path, sample_python: str) -> None:
    folder, log = laid_out(alice, "iris", tmp_path / "run"), tmp_path / "metrics.jsonl"
    accuracies = []
    for arguments in ((), ("0.5",), ("100",)):
        log.unlink(missing_ok=True)
        done = run(sample_python, folder, log, "iris_sklearn.py", *arguments)
        assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
        logged = {line["name"]: line["value"] for line in metrics_in(log)}
        assert logged["Regularization Rate"] == float(arguments[0] if arguments else 0.01)
        accuracies.append(logged["Accuracy"])
        assert f"Accuracy is {logged['Accuracy']:.4f}" in done.stdout.decode()
    assert len(set(accuracies)) > 1, "the argument must matter"
    assert all(isinstance(each, float) and 0.6 < each < 1 for each in accuracies)
    outputs = folder / "outputs"
    assert {path.name for path in outputs.iterdir()} == {"confusion_matrix.png", "model.pkl", "predictions.csv"}
    assert (outputs / "confusion_matrix.png").read_bytes().startswith(PNG)
    with (outputs / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    right = sum(row["species"] == row["predicted"] for row in rows) / len(rows)
    assert right == pytest.approx(accuracies[-1])


@WITH_ITS_PACKAGES
def test_the_iris_script_refuses_a_rate_that_is_none(alice: User, tmp_path: Path, sample_python: str) -> None:
    folder = laid_out(alice, "iris", tmp_path / "run")
    done = run(sample_python, folder, tmp_path / "metrics.jsonl", "iris_sklearn.py", "0")
    assert done.returncode == 2
    assert b"above 0" in done.stderr


@WITH_ITS_PACKAGES
def test_the_long_training_moves_a_bar_and_a_curve(alice: User, tmp_path: Path, sample_python: str) -> None:
    folder, log = laid_out(alice, "iris", tmp_path / "run"), tmp_path / "metrics.jsonl"
    done = run(sample_python, folder, log, "train_digits.py", "--seconds", "5")
    assert (done.returncode, done.stderr) == (0, b""), done.stderr.decode()
    for mark in ("\r", "\x1b[32m", "█", "100%", "epoch"):
        assert mark in done.stdout.decode()
    curve = [line for line in metrics_in(log) if line["name"] == "accuracy"]
    assert [line["step"] for line in curve] == list(range(1, len(curve) + 1))
    assert len(curve) > 5
    assert float(str(curve[-1]["value"])) > max(0.5, float(str(curve[0]["value"])))
    losses = [float(str(line["value"])) for line in metrics_in(log) if line["name"] == "loss"]
    assert losses[-1] < losses[0]
    assert (folder / "outputs/training.png").read_bytes().startswith(PNG)
    assert (folder / "outputs/digits_model.pkl").stat().st_size > 1000


@WITH_ITS_PACKAGES
@pytest.mark.timeout(300)
def test_the_spark_script_gets_better_with_each_pass(alice: User, tmp_path: Path, sample_python: str) -> None:
    need(JAVA)
    folder, log = laid_out(alice, "iris", tmp_path / "run"), tmp_path / "metrics.jsonl"
    environment = {
        **QUICK_JAVA,
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(IN_RUN),
        "PYSPARK_PYTHON": sample_python,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "AMLWEB_METRICS": str(log),
    }
    submit = [str(spark_home() / "bin" / "spark-submit"), "--master", "local[2]", "--conf", "spark.ui.enabled=false"]
    arguments = ["train_spark.py", "--rows", "20000", "--passes", "3", "--parts", "2"]
    done = subprocess.run(
        [*submit, *arguments], cwd=folder, env=environment, capture_output=True, timeout=250, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    losses = [float(str(line["value"])) for line in metrics_in(log) if line["name"] == "loss"]
    assert len(losses) == 4, "one before the first pass"
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.6 * losses[0]
    assert f"loss {losses[-1]:.6f}" in done.stdout.decode()
    model = json.loads((folder / "outputs/spark_model.json").read_text())
    assert model["loss"] == losses[-1]
    assert model["weights"][:3] == pytest.approx([1.2, -0.8, 0.5], abs=0.2), "the weights that the data were made with"
    assert (folder / "outputs/spark_training.png").read_bytes().startswith(PNG)
    assert {path.name for path in (folder / "outputs").iterdir()} == {"spark_model.json", "spark_training.png"}


def test_the_spark_script_says_that_numpy_is_missing(alice: User, tmp_path: Path) -> None:
    folder = laid_out(alice, "iris", tmp_path / "run")
    command = [sys.executable, "-I", "-S", "train_spark.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert b"pyspark.ml needs numpy" in done.stderr
    assert b"spark_conda_dependencies.yml" in done.stderr


def test_the_first_script_of_a_blank_project_needs_no_package(alice: User, tmp_path: Path) -> None:
    folder, log = laid_out(alice, "blank", tmp_path / "run"), tmp_path / "metrics.jsonl"
    done = run(sys.executable, folder, log, "first_script.py", "Alice")
    assert (done.returncode, done.stderr) == (0, b"")
    assert (folder / "outputs/greeting.txt").read_text() == "Hello, Alice.\n"
    assert [line["value"] for line in metrics_in(log)] == [step * step for step in range(1, 11)]


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_the_configuration_of_every_template_has_no_problems(alice: User, name: str) -> None:
    snapshot = create_from_template(alice, "Mine", name).current_snapshot
    assert snapshot is not None
    configuration = aml_config_of(snapshot)
    assert configuration.problems == ()
    assert sorted(configuration.computes) == ["docker", "local"]
    assert sorted(configuration.run_configurations) == ["docker", "local", *(["spark"] if name == "iris" else [])]
    assert configuration == read_aml_config(SnapshotFiles(snapshot, 10**6))


def test_the_readme_names_every_script(alice: User) -> None:
    for template in TEMPLATES.values():
        text = (template.folder / "README.md").read_text()
        assert all(script.name in text for script in template.folder.glob("*.py"))
