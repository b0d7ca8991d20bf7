"""Scripts can write into the storage that their driver uses: nothing there leads us elsewhere or holds us up."""

import io
import os
from pathlib import Path

import pytest

from computes.errors import TargetError
from computes.shared_storage.folder import FolderStorage
from computes.shared_storage.parts import PartsIndex


@pytest.fixture
def shared(tmp_path: Path) -> FolderStorage:
    """Return a storage with a folder of a run, beside a file of the server."""
    (tmp_path / "server").mkdir()
    (tmp_path / "server/key").write_bytes(b"the server's own")
    storage = FolderStorage(str(tmp_path / "shared"))
    storage.make_folder("runs/one")
    return storage


def test_a_link_in_the_place_of_a_file_is_not_followed(shared: FolderStorage, tmp_path: Path) -> None:
    (tmp_path / "shared/runs/one/exit.json").symlink_to(tmp_path / "server/key")
    assert shared.read("runs/one/exit.json", 0, 100) is None
    with pytest.raises(TargetError):
        shared.fetch("runs/one/exit.json", io.BytesIO(), 100)


def test_a_link_in_the_place_of_a_folder_is_not_followed(shared: FolderStorage, tmp_path: Path) -> None:
    (tmp_path / "shared/runs/one/parts").symlink_to(tmp_path / "server")
    assert shared.names("runs/one/parts") == frozenset()
    assert shared.read("runs/one/parts/key", 0, 100) is None
    for write in (shared.claim, shared.place):
        with pytest.raises(TargetError):
            write("runs/one/parts/key", b"theirs")
    with pytest.raises(TargetError):
        shared.make_folder("runs/one/parts/more")
    assert [path.name for path in (tmp_path / "server").iterdir()] == ["key"]
    assert (tmp_path / "server/key").read_bytes() == b"the server's own"


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(shared: FolderStorage, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "shared/runs/one/exit.json")
    assert shared.read("runs/one/exit.json", 0, 100) is None
    with pytest.raises(TargetError):
        shared.fetch("runs/one/exit.json", io.BytesIO(), 100)


def test_the_work_folder_itself_may_be_reached_by_a_link(shared: FolderStorage, tmp_path: Path) -> None:
    (tmp_path / "mounted").symlink_to(tmp_path / "shared")
    mounted = FolderStorage(str(tmp_path / "mounted"))
    mounted.place("runs/one/spec.json", b"{}")
    assert shared.read("runs/one/spec.json", 0, 10) == b"{}"


def test_a_part_of_no_bytes_is_no_part(shared: FolderStorage) -> None:
    shared.place("runs/one/parts/000000/log-0000000000000000-00000003", b"abc")
    shared.place("runs/one/parts/000000/log-0000000000000003-00000000", b"")
    parts = PartsIndex(shared, "runs/one")
    parts.refresh()
    assert parts.read("log", 0, 10) == b"abc"
