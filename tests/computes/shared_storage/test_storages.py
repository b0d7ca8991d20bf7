"""Both shared storages keep the same contract."""

import io
import resource
from pathlib import Path

import pytest

from computes.errors import TargetError, TransferFailed
from computes.shared_storage.contract import SharedStorage
from computes.shared_storage.folder import FolderStorage


def test_what_is_placed_can_be_listed_and_read_from_any_byte(storage: SharedStorage) -> None:
    storage.place("runs/one/spec.json", b"0123456789")
    assert storage.names("runs/one") == {"spec.json"}
    assert storage.names("runs") == {"one"}
    assert storage.read("runs/one/spec.json", 0, 100) == b"0123456789"
    assert storage.read("runs/one/spec.json", 4, 3) == b"456"


def test_a_file_of_the_server_is_placed_whole(storage: SharedStorage, tmp_path: Path) -> None:
    (tmp_path / "code.tar").write_bytes(bytes(range(256)) * 5000)
    storage.place("runs/one/code.tar", tmp_path / "code.tar")
    copy = io.BytesIO()
    assert storage.fetch("runs/one/code.tar", copy, 10_000_000) == 1_280_000
    assert copy.getvalue() == (tmp_path / "code.tar").read_bytes()


def test_an_earlier_file_is_replaced(storage: SharedStorage) -> None:
    storage.place("a/b", b"first")
    storage.place("a/b", b"second")
    assert storage.read("a/b", 0, 100) == b"second"
    assert storage.names("a") == {"b"}


def test_what_is_not_there_is_none_and_no_error(storage: SharedStorage) -> None:
    assert storage.read("nothing/here", 0, 10) is None
    assert storage.names("nothing") == frozenset()
    storage.remove("nothing")


def test_a_claim_is_made_once(storage: SharedStorage) -> None:
    assert storage.claim("runs/one/submitted", b"mine")
    assert not storage.claim("runs/one/submitted", b"yours")
    assert storage.read("runs/one/submitted", 0, 100) == b"mine"


def test_a_claim_that_does_not_fit_on_the_disk_is_none(tmp_path: Path) -> None:
    storage = FolderStorage(str(tmp_path / "shared"))
    storage.make_folder("runs")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, usual[1]))
    try:
        with pytest.raises(TargetError):
            storage.claim("runs/verdict.json", b"x" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert storage.names("runs") == frozenset()
    assert storage.claim("runs/verdict.json", b"x" * 100)


def test_a_folder_is_removed_with_all_in_it(storage: SharedStorage) -> None:
    storage.place("runs/one/parts/000000/log-0", b"x")
    storage.place("runs/two/spec.json", b"y")
    storage.remove("runs/one")
    assert storage.names("runs") == {"two"}


def test_names_with_odd_characters_are_kept(storage: SharedStorage) -> None:
    storage.place("a b/c+d%20e&f=g?h#i", b"odd")
    assert storage.names("a b") == {"c+d%20e&f=g?h#i"}
    assert storage.read("a b/c+d%20e&f=g?h#i", 0, 10) == b"odd"


def test_nobody_else_may_read_what_is_placed(tmp_path: Path) -> None:
    FolderStorage(str(tmp_path / "mine")).place("runs/one/secrets.json", b"{}")
    path = tmp_path / "mine/runs/one/secrets.json"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    FolderStorage(str(tmp_path / "ours"), is_for_group=True).place("runs/one/secrets.json", b"{}")
    path = tmp_path / "ours/runs/one/secrets.json"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o660, 0o770)


def test_a_work_folder_that_is_no_path_is_refused_in_words() -> None:
    with pytest.raises(TransferFailed, match="neither an absolute path") as caught:
        FolderStorage("shared/amlweb")
    assert "webhdfs" in caught.value.remedy
