"""What a work folder keeps between runs is cleaned by age and by size, and a run has its packages for itself."""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from computes.in_run import __file__ as in_run
from computes.supervisor import sweeping
from computes.supervisor.blobs import MARKER
from computes.supervisor.survey import survey
from computes.supervisor.sweeping import sweep
from tests.computes.on_targets import wait_for

Kept = tuple[float, int, str]
DAY = 86_400.0
INSTALLATION = "0123456789abcdef"
HOLD = "import sys, time; from amlweb_spark.kept_packages import take_for_this_run as take; "


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return a work folder that carries our mark."""
    (tmp_path / MARKER).write_text(f"{INSTALLATION}\n")
    return tmp_path


def content(work: Path, name: str, size: int, days: float) -> Path:
    """Make a content that was wanted so many days ago."""
    path = work / "blobs" / name[:2] / name[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (0, time.time() - days * DAY))
    return path


def packages(work: Path, project: str, size: int, days: float) -> Path:
    """Make the packages of a project, taken by a run so many days ago."""
    path = work / "spark" / project / "ivy"
    (path / "jars").mkdir(parents=True)
    (path / "jars" / "one.jar").write_bytes(b"x" * size)
    os.utime(path, (0, time.time() - days * DAY))
    return path


def test_what_is_old_goes_and_what_was_wanted_today_stays(work: Path) -> None:
    old, new, today = (
        content(work, f"{name}{'0' * 62}", 100, days) for name, days in (("aa", 9), ("ab", 3), ("ac", 0))
    )
    stale, fresh = packages(work, "stale", 5000, 9), packages(work, "fresh", 5000, 3)
    answer = sweep(str(work), 7 * DAY)
    assert (answer["answer"], answer["files"]) == ("swept", 2)
    assert answer["bytes"] >= 5100
    assert [path.exists() for path in (old, new, today, stale, fresh)] == [False, True, True, False, True]
    assert sweep(str(work), 0.0)["files"] == 2, "never what was wanted within a day"
    assert today.exists()


def test_more_goes_until_the_rest_is_small_enough(work: Path) -> None:
    paths = [content(work, f"a{day}{'0' * 62}", 1000, day) for day in (2, 3, 4, 5)]
    assert sweep(str(work), 30 * DAY, 2500)["files"] == 2
    assert [path.exists() for path in paths] == [True, True, False, False]
    content(work, f"b0{'0' * 62}", 9000, 0)
    assert sweep(str(work), 30 * DAY, 2500)["files"] == 2
    assert not any(path.exists() for path in paths)
    assert (work / "blobs" / "b0").is_dir(), "what is wanted today is never too much"


def test_nothing_is_touched_without_our_mark(tmp_path: Path) -> None:
    path = content(tmp_path, "a" * 64, 10, 99)
    assert sweep(str(tmp_path), 0.0, 0) == {"answer": "swept", "files": 0, "bytes": 0}
    assert path.exists()


def test_links_are_not_followed(work: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "precious").write_text("precious")
    (work / "spark" / "one").mkdir(parents=True)
    (work / "spark" / "one" / "ivy").symlink_to(elsewhere)
    os.utime(work / "spark" / "one" / "ivy", (0, 0), follow_symlinks=False)
    sweep(str(work), 0.0, 0)
    assert (elsewhere / "precious").exists()


def test_a_survey_counts_packages_and_a_brought_python_as_well(work: Path) -> None:
    content(work, "a" * 64, 100, 8)
    packages(work, "iris", 5000, 8)
    (work / "python" / "abc").mkdir(parents=True)
    (work / "python" / "abc" / "python3").write_bytes(b"x" * 9000)
    found = survey(str(work), INSTALLATION, 10.0)
    assert found["python_bytes"] >= 9000
    blobs = found["blobs"]
    assert blobs["files"] == 2
    assert blobs["bytes"] == blobs["older"]["7"] >= 5100
    assert blobs["older"]["30"] == 0


def test_packages_belong_to_one_run_at_a_time_and_a_sweep_waits_for_it(work: Path) -> None:
    folder = work / "spark" / "iris" / "ivy"
    environment = {"PYTHONPATH": str(Path(in_run).parent)}
    become = "import os; taken = take(sys.argv[1]); print(taken, flush=True); os.execvp('sleep', ['sleep', '60'])"
    argv = [sys.executable, "-c", HOLD + become, str(folder)]
    with subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, text=True) as first:
        try:
            assert first.stdout is not None
            assert first.stdout.readline() == "True\n"
            line = Path(f"/proc/{first.pid}/cmdline")
            wait_for(lambda: line.read_bytes().startswith(b"sleep\0"), "the other program")
            asked = [sys.executable, "-c", HOLD + "print(take(sys.argv[1]))", str(folder)]
            second = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
            assert second.stdout == "False\n", "two runs share no packages"
            os.utime(folder, (0, time.time() - 9 * DAY))
            assert sweep(str(work), DAY)["files"] == 0, "packages in use went"
        finally:
            first.kill()
    third = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
    assert third.stdout == "True\n", "the lock outlived its run"
    os.utime(folder, (0, time.time() - 9 * DAY))
    assert sweep(str(work), DAY)["files"] == 1
    assert not folder.exists()


def test_where_packages_cannot_be_kept_a_run_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    asked = [sys.executable, "-c", HOLD + "print(take(sys.argv[1]))", str(tmp_path / "file" / "ivy")]
    environment = {"PYTHONPATH": str(Path(in_run).parent)}
    done = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False\n", "")
    with (tmp_path / "ivy.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        asked[-1] = str(tmp_path / "ivy")
        assert subprocess.run(asked, env=environment, capture_output=True, check=True).stdout == b"False\n"


def test_two_sweeps_at_once_are_in_nobodys_way(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages(work, "stale", 5000, 9)
    packages(work, "staler", 5000, 10)
    find = sweeping.kept_in

    def find_and_be_overtaken(folder: str, deadline: float) -> list[Kept]:
        found = list(find(folder, deadline))
        monkeypatch.undo()
        assert sweep(str(work), 7 * DAY)["files"] == 2
        return found

    monkeypatch.setattr(sweeping, "kept_in", find_and_be_overtaken)
    assert sweep(str(work), 7 * DAY) == {"answer": "swept", "files": 0, "bytes": 0}


def test_a_run_that_is_cleaned_up_during_a_survey_does_not_end_it(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = work / "runs" / f"{INSTALLATION}-{'0' * 32}"
    folder.mkdir(parents=True)
    lstat = os.lstat

    def look_and_lose(path: str) -> bool:
        is_there = Path(path).is_dir()
        lose(path)
        return is_there

    def lose(path: str) -> None:
        if str(path) == str(folder) and folder.is_dir():
            folder.rmdir()

    def lose_and_look(path: str) -> os.stat_result:
        lose(path)
        return lstat(path)

    monkeypatch.setattr(os.path, "lexists", look_and_lose)
    monkeypatch.setattr(os, "lstat", lose_and_look)
    (run,) = survey(str(work), INSTALLATION, 10.0)["runs"]
    assert (run["name"], run["condition"]) == (folder.name, "absent")
    assert time.time() - run["since"] < DAY
