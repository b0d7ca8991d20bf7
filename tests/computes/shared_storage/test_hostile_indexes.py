"""The list of outputs in the storage may be a script's own work: limits hold all the same, and its words are plain."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from computes.contract import RunAddress
from computes.errors import CollectionFailed
from computes.machines.contract import CollectionLimits
from computes.shared_storage.folder import FolderStorage
from computes.shared_storage.outputs import collect
from computes.shared_storage.shared_run import SharedRun
from tests.computes.on_targets import Bench

LIMITS = CollectionLimits(files=10, file_bytes=100, total_bytes=150)


@pytest.fixture
def run(tmp_path: Path) -> SharedRun:
    """Return a run in a folder."""
    address = RunAddress("a1", "b2", Bench(tmp_path).settings())
    return SharedRun(FolderStorage(str(tmp_path / "shared")), address, "file:///shared")


def entry(run: SharedRun, number: int, size: int, **other: Any) -> dict[str, Any]:
    """Place an output and return what an index says of it."""
    content = bytes([number]) * size
    run.storage.place(f"{run.folder}/outputs/{number:06d}", content)
    found = {"path": f"file-{number}", "size": size, "sha256": hashlib.sha256(content).hexdigest(), "skipped": ""}
    return {**found, "file": f"outputs/{number:06d}", **other}


def index(run: SharedRun, *entries: dict[str, Any]) -> None:
    """Place an index."""
    run.storage.place(f"{run.folder}/outputs.json", json.dumps(entries).encode())


def test_what_was_left_on_the_node_takes_no_room_from_what_was_carried(run: SharedRun, tmp_path: Path) -> None:
    left = {"path": "huge", "size": 10**12, "sha256": "", "skipped": "it is larger than 100 bytes"}
    index(run, left, entry(run, 1, 100))
    found = collect(run, tmp_path / "into", LIMITS)
    assert [(each.path, each.skipped) for each in found] == [("huge", "it is larger than 100 bytes"), ("file-1", "")]


def test_no_size_below_zero_makes_room_for_more(run: SharedRun, tmp_path: Path) -> None:
    index(run, {"path": "x", "size": -(10**9), "sha256": "", "skipped": "so"}, entry(run, 1, 100), entry(run, 2, 100))
    with pytest.raises(CollectionFailed, match="damaged"):
        collect(run, tmp_path / "into", LIMITS)
    assert not (tmp_path / "into").exists()


def test_names_and_reasons_can_be_stored_anywhere(run: SharedRun, tmp_path: Path) -> None:
    index(run, {"path": "a\0b\ud800", "size": 1, "sha256": "c\0", "skipped": "be\0cause \x1b[2J" + "x" * 10_000})
    (found,) = collect(run, tmp_path / "into", LIMITS)
    texts = (found.path, found.sha256, found.skipped)
    assert all(text.isprintable() and len(text) <= 1000 for text in texts)


def test_an_index_is_no_longer_than_what_a_driver_lists(run: SharedRun, tmp_path: Path) -> None:
    left = {"size": 1, "sha256": "", "skipped": "it is a link"}
    index(run, *({"path": f"link-{number}", **left} for number in range(LIMITS.files + 2)))
    with pytest.raises(CollectionFailed, match="damaged"):
        collect(run, tmp_path / "into", LIMITS)


def test_no_name_comes_twice(run: SharedRun, tmp_path: Path) -> None:
    index(run, entry(run, 1, 10, path="same"), entry(run, 2, 20, path="same"))
    with pytest.raises(CollectionFailed, match="damaged"):
        collect(run, tmp_path / "into", LIMITS)


def test_a_name_that_no_table_holds_is_left(run: SharedRun, tmp_path: Path) -> None:
    index(run, entry(run, 1, 10, path="/".join(["folder"] * 200)))
    (found,) = collect(run, tmp_path / "into", LIMITS)
    assert "longer" in found.skipped
