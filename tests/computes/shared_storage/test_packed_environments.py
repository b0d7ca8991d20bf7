"""Packs in both shared storages: whole or not there, whose they are, and what uploads that died leave."""

import json
import os
import time
from pathlib import Path

import pytest

from computes.environments.stopping import PreparationStopped
from computes.errors import TransferFailed
from computes.shared_storage.contract import SharedStorage
from computes.shared_storage.packed_environments import PackedEnvironments, pack_of
from tests.stack.processes import wait_until

HASH = "0123abcd"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A file that stands for a pack: how long it is, is all that matters here."""
    path = tmp_path / "environment.tar.gz"
    path.write_bytes(bytes(range(256)) * 8000)
    return path


@pytest.fixture
def packs(storage: SharedStorage) -> PackedEnvironments:
    return PackedEnvironments(storage, "ab12")


def test_a_pack_is_there_when_it_was_brought_and_gone_when_removed(packs: PackedEnvironments, pack: Path) -> None:
    assert not packs.is_whole(HASH)
    packs.keep(HASH, pack)
    assert packs.is_whole(HASH)
    assert packs.storage.names("environments") == {f"{HASH}.tar.gz", f"{HASH}.json"}
    assert packs.storage.read(pack_of(HASH), 1_000_000, 10) == pack.read_bytes()[1_000_000:1_000_010]
    assert {hash: facts.bytes for hash, facts in packs.ours().items()} == {HASH: 2_048_000}
    packs.remove(HASH)
    assert not packs.is_whole(HASH)
    assert packs.storage.names("environments") == frozenset()
    packs.remove(HASH)


def test_a_pack_of_another_size_than_was_announced_is_none(packs: PackedEnvironments, pack: Path) -> None:
    packs.keep(HASH, pack)
    packs.storage.place(pack_of(HASH), pack.read_bytes()[:-1])
    assert not packs.is_whole(HASH)
    packs.keep(HASH, pack)
    assert packs.is_whole(HASH)


def test_a_pack_without_a_record_is_none(packs: PackedEnvironments, pack: Path) -> None:
    packs.storage.place(pack_of(HASH), pack)
    assert not packs.is_whole(HASH)
    packs.storage.place(f"environments/{HASH}.json", b"[1")
    assert not packs.is_whole(HASH)


def test_a_storage_that_keeps_less_than_it_was_given_is_told_and_nothing_is_used(
    packs: PackedEnvironments, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = type(packs.storage).place

    def cut(storage: SharedStorage, name: str, content: object) -> None:
        place(storage, name, content.read(1000) if hasattr(content, "read") else content)  # type: ignore[arg-type]

    monkeypatch.setattr(type(packs.storage), "place", cut)
    with pytest.raises(TransferFailed, match="has not arrived whole"):
        packs.keep(HASH, pack)
    assert packs.storage.names("environments") == {f"{HASH}.json"}


def test_an_upload_that_is_stopped_leaves_nothing_that_counts(packs: PackedEnvironments, pack: Path) -> None:
    asked: list[None] = []

    def half_is_there() -> bool:
        return any(name.endswith(".tmp") for name in packs.storage.listing("environments", with_temporary=True))

    def after_a_while() -> bool:
        asked.append(None)
        if len(asked) == 1:
            return False
        wait_until(half_is_there, "the first piece of the pack")
        return True

    with pytest.raises(PreparationStopped):
        packs.keep(HASH, pack, after_a_while)
    assert len(asked) == 2
    assert not packs.is_whole(HASH)
    assert set(packs.storage.listing("environments", with_temporary=True)) == {f"{HASH}.json"}


def test_what_an_upload_that_died_has_left_goes_when_it_is_old(
    packs: PackedEnvironments, pack: Path, tmp_path: Path
) -> None:
    packs.storage.place("environments/other.json", b"{}")
    (folder,) = {path.parent for path in tmp_path.rglob("other.json")}
    for name, age in ((".dead.tar.gz.0011.tmp", 90_000), (".busy.tar.gz.2233.tmp", 60)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (time.time() - age, time.time() - age))
    packs.keep(HASH, pack)
    left = {path.name for path in folder.iterdir()}
    assert left == {".busy.tar.gz.2233.tmp", "other.json", f"{HASH}.json", f"{HASH}.tar.gz"}


def test_a_pack_of_another_installation_is_used_and_never_removed(packs: PackedEnvironments, pack: Path) -> None:
    others = PackedEnvironments(packs.storage, "ffff")
    others.keep(HASH, pack)
    packs.storage.claim(".amlweb/ab12", b"")
    assert packs.is_whole(HASH)
    assert packs.ours() == {}
    packs.remove(HASH)
    assert others.is_whole(HASH)
    others.remove(HASH)
    assert not packs.is_whole(HASH)


def test_nothing_is_removed_from_a_storage_without_our_mark(packs: PackedEnvironments, pack: Path) -> None:
    packs.keep(HASH, pack)
    packs.storage.remove(".amlweb/ab12")
    packs.remove(HASH)
    assert packs.is_whole(HASH)


@pytest.mark.parametrize("hash", ["", "..", "../x", "AB", "a/b", "ab\n", "a" * 65])
def test_a_name_that_is_no_hash_is_no_path(packs: PackedEnvironments, hash: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        packs.is_whole(hash)


def test_a_record_that_is_too_large_or_odd_is_none(packs: PackedEnvironments) -> None:
    for odd in (b"[" * 5000, json.dumps({"installation_id": "ab12", "bytes": "x"}).encode(), b'{"bytes": 1}', b"\xff"):
        packs.storage.place(f"environments/{HASH}.json", odd)
        assert packs.claim_on(HASH) is None
