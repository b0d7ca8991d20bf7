"""What no run needs any more goes from a storage that a cluster shares with us; sizes of what is there."""

import os
import time
from pathlib import Path

import pytest

from computes.contract import RunAddress, TargetSettings
from computes.shared_storage.contract import SharedStorage
from computes.shared_storage.folder import FolderStorage
from computes.shared_storage.placing import place_program
from computes.shared_storage.program_file import program_file
from computes.shared_storage.shared_run import SharedRun
from computes.shared_storage.survey import survey_storage
from computes.shared_storage.sweeping import sweep_storage

OURS, OTHER = "ab12", "ffff"
RUN, LATER = "0" * 32, "1" * 32
DAY = 86_400
OLD_PROGRAM, USED_PROGRAM = "program/0123456789abcdef", "program/fedcba9876543210"


def root_of(storage: SharedStorage, tmp_path: Path) -> Path:
    return storage.path if isinstance(storage, FolderStorage) else tmp_path / "hdfs" / "user" / "amlweb"


def grow_old(path: Path, days: float) -> None:
    moment = time.time() - days * DAY
    os.utime(path, (moment, moment))


@pytest.fixture
def root(storage: SharedStorage, tmp_path: Path) -> Path:
    """The storage's folder on this machine, with our mark in it."""
    storage.claim(f".amlweb/{OURS}", b"")
    return root_of(storage, tmp_path)


@pytest.mark.parametrize(
    ("name", "days", "is_left"),
    [
        (f"{OURS}-{RUN}", 29, True),
        (f"{OURS}-{RUN}", 31, False),
        (f"{OURS}-{LATER}", 31, True),  # its folder is there
        (f"{OTHER}-{RUN}", 31, True),
    ],
)
def test_tombstones_of_ours_go_after_thirty_days(
    storage: SharedStorage, root: Path, name: str, days: float, is_left: bool
) -> None:
    storage.place(f"runs/{OURS}-{LATER}/spec.json", b"{}")
    storage.claim(f"ended/{name}", b"cleaned_up")
    grow_old(root / "ended" / name, days)
    assert sweep_storage(storage, OURS) == (0 if is_left else len(b"cleaned_up"))
    assert storage.names("ended") == ({name} if is_left else frozenset())


def test_programs_of_other_versions_go_when_nobody_has_used_them_for_long(storage: SharedStorage, root: Path) -> None:
    current = program_file()[0]
    for name in (f"{OLD_PROGRAM}/driver.py", f"{USED_PROGRAM}/driver.py", "program/odd/driver.py", current):
        storage.place(name, b"x" * 1000)
        grow_old(root / name, 61)
    storage.place(f"{USED_PROGRAM}/used", b"")
    grow_old(root / USED_PROGRAM / "used", 59)
    assert sweep_storage(storage, OURS) == 1000
    assert storage.names("program") == {USED_PROGRAM.split("/")[1], "odd", current.split("/")[1]}
    assert sweep_storage(storage, OURS) == 0


def test_where_our_mark_is_missing_nothing_goes(storage: SharedStorage, tmp_path: Path) -> None:
    storage.place(f"{OLD_PROGRAM}/driver.py", b"x")
    grow_old(root_of(storage, tmp_path) / OLD_PROGRAM / "driver.py", 61)
    assert sweep_storage(storage, OURS) == 0
    assert storage.names("program") == {OLD_PROGRAM.split("/")[1]}


def test_a_program_that_is_used_is_kept_as_it_is_and_noted_once_a_week(storage: SharedStorage, root: Path) -> None:
    settings = TargetSettings(name="cluster", kind="livy", work_folder=str(root))
    run = SharedRun(storage, RunAddress(OURS, RUN, settings), "file:///shared")
    name, content = program_file()
    folder = name.rpartition("/")[0]
    assert place_program(run) == f"file:///shared/{name}"
    assert (root / name).read_bytes() == content
    inode = (root / name).stat().st_ino
    place_program(run)
    assert storage.names(folder) == {"driver.py"}
    grow_old(root / name, 8)
    place_program(run)
    assert storage.names(folder) == {"driver.py", "used"}
    grow_old(root / folder / "used", 8)
    place_program(run)
    assert time.time() - (root / folder / "used").stat().st_mtime < DAY
    assert (root / name).stat().st_ino == inode, "a driver may be reading it"


def test_a_survey_says_what_folders_of_runs_take(storage: SharedStorage, root: Path) -> None:
    storage.place(f"runs/{OURS}-{RUN}/parts/0/log-0", b"x" * 100_000)
    storage.place(f"runs/{OURS}-{RUN}/spec.json", b"{}")
    (remains,) = survey_storage(storage, OURS).runs
    assert remains.bytes is not None
    assert 100_002 <= remains.bytes < 130_000, "a disk counts in blocks"


def test_a_size_is_none_where_there_is_no_folder_or_no_time(storage: SharedStorage) -> None:
    storage.place("runs/one/spec.json", b"{}")
    assert storage.size("runs/two", time.monotonic() + 10) is None
    assert storage.size("runs/one", time.monotonic() - 1) is None
