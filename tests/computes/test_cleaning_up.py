"""Run folders are removed whole, whatever is in them, and tombstones do not pile up."""

import os
import time
from pathlib import Path

import pytest

from computes.executors.process import ProcessExecutor
from computes.supervisor.removal import remove_tree, sweep_tombstones
from tests.computes.on_targets import Bench, wait_for_end

HOSTILE = """
import os
os.symlink("/etc", "link")
os.makedirs("locked/inner")
open("locked/inner/file", "w").close()
os.mkfifo("pipe")
open(b"\\xff\\n", "w").close()
os.makedirs(".removed-3/.removed-1")
for _ in range(3000):
    os.mkdir("d")
    os.chdir("d")
os.chmod(os.environ["AMLWEB_RUN_FOLDER"] + "/code/locked/inner", 0)
os.chmod(os.environ["AMLWEB_RUN_FOLDER"] + "/code/locked", 0)
os.chmod(os.environ["AMLWEB_RUN_FOLDER"], 0o500)
"""


def test_what_a_hostile_script_left_is_removed(executor: ProcessExecutor, bench: Bench) -> None:
    request = bench.request(HOSTILE)
    executor.start(request)
    status = wait_for_end(executor, request.address)
    assert status.exit is not None
    assert status.exit.code == 0
    executor.clean_up(request.address)
    assert list((bench.work / "runs").iterdir()) == []
    assert Path("/etc/passwd").exists()


def test_a_folder_that_became_a_link_is_only_unlinked(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").touch()
    (tmp_path / "run").symlink_to(tmp_path / "kept")
    remove_tree(str(tmp_path / "run"))
    assert not (tmp_path / "run").is_symlink()
    assert (tmp_path / "kept/file").exists()


@pytest.mark.parametrize("count", [4, 5, 11])
def test_files_are_removed_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr("computes.supervisor.removal.BATCH", 5)
    for number in range(count):
        inner = tmp_path / "run" / f"d{number}"
        inner.mkdir(parents=True)
        (tmp_path / "run" / f"f{number}").touch()
        (tmp_path / "run" / f"l{number}").symlink_to(tmp_path)
        (inner / "file").touch()
    remove_tree(str(tmp_path / "run"))
    assert list(tmp_path.iterdir()) == []


def test_old_tombstones_and_locks_are_dropped_once_a_day(tmp_path: Path) -> None:
    month_ago = time.time() - 31 * 86400
    for kind in ("ended", "locks", "runs"):
        (tmp_path / kind).mkdir()
    for kind in ("ended", "locks"):
        for name in ("old", "needed", "new"):
            (tmp_path / kind / name).touch()
            if name != "new":
                os.utime(tmp_path / kind / name, (month_ago, month_ago))
    (tmp_path / "runs/needed").mkdir()
    sweep_tombstones(str(tmp_path))
    for kind in ("ended", "locks"):
        assert {path.name for path in (tmp_path / kind).iterdir()} - {".swept"} == {"needed", "new"}
    os.utime(tmp_path / "ended/new", (month_ago, month_ago))
    sweep_tombstones(str(tmp_path))
    assert (tmp_path / "ended/new").exists()


def test_a_tombstone_that_goes_while_old_ones_are_dropped_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("ended", "locks"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "old").touch()
        os.utime(tmp_path / kind / "old", (0, 0))
    listdir = os.listdir

    def list_and_lose(path: str) -> list[str]:
        (tmp_path / "ended" / "fleeting").touch()
        names = listdir(path)
        (tmp_path / "ended" / "fleeting").unlink()
        return names

    monkeypatch.setattr(os, "listdir", list_and_lose)
    sweep_tombstones(str(tmp_path))
    monkeypatch.undo()
    assert listdir(tmp_path / "ended") == [".swept"]
    assert listdir(tmp_path / "locks") == []
