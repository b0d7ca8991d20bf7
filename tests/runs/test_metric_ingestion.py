"""Metrics become rows exactly once, and what is no metric does no harm."""

import json
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from computes.contract import RunAddress, TargetSettings
from computes.models import ComputeTarget
from projects.models import Project
from runs.masking import Masker
from runs.metrics import BATCH_BYTES, CHUNK_BYTES, LARGEST_STEP, ingest, logged_values
from runs.models import Run
from runs.submission import Submission, submit_run
from tests.runs.test_copying import FileSource

ADDRESS = RunAddress("a" * 12, "b" * 32, TargetSettings("local", "local", "/nowhere"))


@pytest.fixture
def run(bob: User, project: Project, local_target: ComputeTarget) -> Run:
    return submit_run(bob, project, Submission(script="hello.py", target="local"))


def store_lines(run: Run, path: Path, *lines: object) -> None:
    """Append lines to the metrics file and ingest them."""
    with path.open("ab") as file:
        for line in lines:
            file.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
    while ingest(run, FileSource(path), ADDRESS, path.stat().st_size, Masker(["tulip-field"])):  # type: ignore[arg-type]
        continue


def points(run: Run) -> list[tuple[str, int, float | None, str]]:
    return list(run.metric_points.values_list("name", "step", "value", "text"))


def test_steps_are_counted_where_they_are_missing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "metrics"
    store_lines(run, path, {"name": "loss", "value": 2, "time": 1.0}, {"name": "loss", "value": 1, "time": 2.0})
    store_lines(run, path, {"name": "loss", "values": [0.5, "NaN"], "time": 3.0})
    assert points(run) == [("loss", 0, 2.0, ""), ("loss", 1, 1.0, ""), ("loss", 2, 0.5, ""), ("loss", 3, None, "NaN")]
    latest = run.latest_metrics.get()
    assert (latest.lowest, latest.highest, latest.points) == (0.5, 2.0, 4)


def test_a_second_look_stores_nothing_twice(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "metrics"
    stale = Run.objects.get(pk=run.pk)
    store_lines(run, path, {"name": "a", "value": 1, "time": 1.0})
    store_lines(stale, path)
    assert len(points(run)) == 1
    assert stale.metrics_bytes == run.metrics_bytes


def test_half_a_line_waits_for_its_rest(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "metrics"
    store_lines(run, path, b'{"name": "a", "val')
    assert points(run) == []
    store_lines(run, path, b'ue": 4, "time": 1}\n')
    assert points(run) == [("a", 0, 4.0, "")]


def test_the_last_line_of_an_ended_script_needs_no_end(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "metrics"
    store_lines(run, path, {"name": "a", "value": 1}, b'{"name": "a", "value": 2}')
    assert len(points(run)) == 1
    size = path.stat().st_size
    assert not ingest(run, FileSource(path), ADDRESS, size, Masker([]), is_final=True)  # type: ignore[arg-type]
    assert [value for _, _, value, _ in points(run)] == [1, 2]
    assert run.metrics_bytes == size


def test_a_last_line_that_was_cut_off_is_passed_over(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "metrics"
    path.write_bytes(b'{"name": "a", "value": 1')
    assert not ingest(run, FileSource(path), ADDRESS, 24, Masker([]), is_final=True)  # type: ignore[arg-type]
    assert points(run) == []


def test_a_line_of_over_a_megabyte_is_passed_over(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "metrics"
    store_lines(run, path, b"x" * (CHUNK_BYTES + 10) + b"\n", {"name": "a", "value": 1, "time": 1.0})
    assert points(run) == [("a", 0, 1.0, "")]


def test_secrets_in_text_are_masked(run: Run, tmp_path: Path) -> None:
    store_lines(run, tmp_path / "metrics", {"name": "a", "text": "key tulip-field", "time": 1.0})
    assert points(run) == [("a", 0, None, "key ***********")]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[1]",
        b'{"value": 1}',
        b'{"name": 3, "value": 1}',
        b'{"name": "a"}',
        b'{"name": "a", "value": {}}',
        b"[" * 5000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_metric_is_passed_over(line: bytes) -> None:
    assert list(logged_values(line)) == []


def test_huge_and_odd_numbers_become_text() -> None:
    values = list(logged_values(b'{"name": "a", "values": [1e400, -1e400, NaN, 1' + b"0" * 400 + b'], "time": 1}'))
    assert [value.text for value in values] == ["Infinity", "-Infinity", "NaN", "Infinity"]
    assert all(value.value is None for value in values)


def test_a_name_that_is_no_text_or_holds_a_secret_is_stored_harmless(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "metrics"
    store_lines(run, path, b'{"name": "\\ud800", "value": 1}\n', {"name": "of tulip-field", "value": 2})
    assert [name for name, *_ in points(run)] == ["?", "of ***********"]
    assert sorted(run.latest_metrics.values_list("name", flat=True)) == ["?", "of ***********"]


def test_a_secret_across_the_longest_name_is_not_cut_in_half(run: Run, tmp_path: Path) -> None:
    store_lines(run, tmp_path / "metrics", {"name": "n" * 245 + "tulip-field", "value": 1})
    assert points(run)[0][0] == "n" * 245 + "*****"


def test_steps_stop_at_the_largest_number(run: Run, tmp_path: Path) -> None:
    store_lines(run, tmp_path / "metrics", {"name": "a", "values": [1, 2, 3], "step": LARGEST_STEP, "time": 1})
    assert [step for _, step, *_ in points(run)] == [LARGEST_STEP] * 3


def test_many_metrics_are_stored_in_several_short_writes(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "metrics"
    path.write_bytes(b'{"name": "a", "value": 1}\n' * 20_000)
    size = path.stat().st_size
    assert ingest(run, FileSource(path), ADDRESS, size, Masker([]))  # type: ignore[arg-type]
    assert BATCH_BYTES // 2 < run.metrics_bytes <= BATCH_BYTES < size
    store_lines(run, path)
    assert len(points(run)) == 20_000


def test_more_metrics_than_a_run_may_have_are_left_out_and_said_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.metrics.MOST_POINTS", 3)
    path = tmp_path / "metrics"
    store_lines(run, path, *({"name": "a", "value": n} for n in range(5)))
    store_lines(run, path, {"name": "a", "value": 9})
    assert [value for _, _, value, _ in points(run)] == [0, 1, 2]
    assert run.events.filter(kind="note").count() == 1


def test_a_huge_empty_file_is_not_read_for_ever(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.metrics.MOST_BYTES", 2 * CHUNK_BYTES)
    path = tmp_path / "metrics"
    with path.open("wb") as file:
        file.truncate(9 * CHUNK_BYTES)
    store_lines(run, path)
    assert run.metrics_bytes == 2 * CHUNK_BYTES
    assert run.events.filter(kind="note").count() == 1
