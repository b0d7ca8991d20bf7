"""Code goes there and outputs come back: only what is missing, whole, and as it was."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from computes.contract import Collected
from computes.errors import TransferFailed
from computes.machines.collection import collect_tree
from computes.machines.contract import CollectionLimits, PlacedFile
from computes.machines.ssh import SshMachine
from computes.supervisor import blobs, sweeping


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / ".amlweb").touch()
    return folder


def inodes(work: Path) -> dict[str, int]:
    return {
        path.parent.name + path.name: path.stat().st_ino for path in (work / "blobs").rglob("*") if len(path.name) == 62
    }


def test_only_contents_that_changed_are_sent(machine: SshMachine, work: Path) -> None:
    files = [PlacedFile(f"folder/{number}.txt", 0o644, b"content %d" % number) for number in range(50)]
    assert machine.place_folder(f"{work}/one", [*files, PlacedFile("again.txt", 0o755, b"content 0")], ["outputs"])
    first = inodes(work)
    assert len(first) == 50
    files[7] = PlacedFile("folder/7.txt", 0o644, b"changed")
    assert machine.place_folder(f"{work}/two", files)
    second = inodes(work)
    assert {name for name, inode in second.items() if first.get(name) != inode} == {
        hashlib.sha256(b"changed").hexdigest()
    }
    assert (work / "two/folder/7.txt").read_bytes() == b"changed"
    assert (work / "one/folder/7.txt").read_bytes() == b"content 7"
    assert (work / "one/again.txt").stat().st_mode & 0o777 == 0o755
    assert (work / "one/folder/8.txt").stat().st_nlink == 1
    assert (work / "one/outputs").is_dir()
    assert (work / "one").stat().st_mode & 0o777 == 0o700
    assert not [path for path in work.iterdir() if path.name.endswith(".tmp")]


def test_a_folder_that_is_there_is_left_alone(machine: SshMachine, work: Path) -> None:
    assert machine.place_folder(f"{work}/one", [PlacedFile("a", 0o644, b"first")])
    assert not machine.place_folder(f"{work}/one", [PlacedFile("a", 0o644, b"second")])
    assert (work / "one/a").read_bytes() == b"first"


def test_nothing_is_kept_where_our_mark_is_not(machine: SshMachine, tmp_path: Path) -> None:
    assert machine.place_folder(f"{tmp_path}/one", [PlacedFile("a", 0o644, b"first")])
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_a_content_that_was_changed_in_the_cache_is_sent_anew(machine: SshMachine, work: Path) -> None:
    digest = hashlib.sha256(b"right").hexdigest()
    machine.place_folder(f"{work}/one", [PlacedFile("a", 0o644, b"right")])
    blob = work / "blobs" / digest[:2] / digest[2:]
    assert blob.stat().st_mode & 0o777 == 0o400
    blob.write_bytes(b"wrong")
    os.utime(blob, ns=(1, 1))
    assert machine.place_folder(f"{work}/two", [PlacedFile("a", 0o644, b"right")])
    assert (work / "two/a").read_bytes() == b"right"


def test_a_store_whose_content_is_not_what_its_name_says_places_nothing(machine: SshMachine, work: Path) -> None:
    content = work.parent / "content"
    content.write_bytes(b"wrong")
    with pytest.raises(TransferFailed, match="not what the snapshot says"):
        machine.place_folder(f"{work}/one", [PlacedFile("a", 0o644, content, hashlib.sha256(b"right").hexdigest())])
    assert not (work / "one").exists()
    assert inodes(work) == {}


def test_a_path_that_leads_out_is_refused(machine: SshMachine, work: Path) -> None:
    with pytest.raises(TransferFailed, match="leads out"):
        machine.place_folder(f"{work}/one", [PlacedFile("../out", 0o644, b"x")])
    assert not (work / "one").exists()


def test_a_target_that_takes_nothing_says_so_and_the_channel_lives_on(machine: SshMachine, work: Path) -> None:
    (work / "blobs").write_text("in the way")
    with pytest.raises(TransferFailed, match="place the code"):
        machine.place_folder(f"{work}/one", [PlacedFile("a", 0o644, b"x")])
    (work / "blobs").unlink()
    assert machine.place_folder(f"{work}/one", [PlacedFile("a", 0o644, b"x")])


def test_a_large_file_goes_there_and_comes_back(machine: SshMachine, work: Path, tmp_path: Path) -> None:
    data = os.urandom(5_000_001)
    machine.place_folder(f"{work}/one", [PlacedFile("large", 0o644, data), PlacedFile("empty", 0o644, b"")])
    found = machine.download_tree(f"{work}/one", tmp_path / "kept", CollectionLimits())
    assert found == [
        Collected("empty", 0, hashlib.sha256(b"").hexdigest()),
        Collected("large", len(data), hashlib.sha256(data).hexdigest()),
    ]
    assert (tmp_path / "kept/large").read_bytes() == data


def test_a_sweep_spares_the_last_day_and_what_was_wanted_lately(machine: SshMachine, work: Path) -> None:
    machine.place_folder(
        f"{work}/one", [PlacedFile(name, 0o644, name.encode() * 10) for name in ("old", "new", "used")]
    )
    for name in ("old", "used"):
        digest = hashlib.sha256(name.encode() * 10).hexdigest()
        os.utime(work / "blobs" / digest[:2] / digest[2:], (0, time.time() - 90_000))
    machine.place_folder(f"{work}/two", [PlacedFile("used", 0o644, b"used" * 10)])
    assert machine.sweep(str(work), 0) == 30
    assert set(inodes(work)) == {hashlib.sha256(name * 10).hexdigest() for name in (b"new", b"used")}
    assert machine.sweep(str(work.parent), 0) == 0


def test_a_sweep_waits_for_who_places(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = blobs.BlobCache(f"{work}/blobs")
    monkeypatch.setattr(sweeping, "PATIENCE_SECONDS", 0.0)
    assert sweeping.sweep(str(work), 0)["answer"] == "busy"
    cache.close()
    assert sweeping.sweep(str(work), 0)["answer"] == "swept"


def test_a_content_of_another_size_than_was_said_is_not_kept(work: Path) -> None:
    cache = blobs.BlobCache(f"{work}/blobs")
    incoming = cache.begin(hashlib.sha256(b"1234").hexdigest(), 5)
    incoming.add(b"1234")
    with pytest.raises(blobs.Damaged):
        incoming.keep()
    incoming.drop()
    cache.close()
    assert not [path for path in (work / "blobs").rglob("*") if path.is_file() and path.name != ".lock"]


def test_hostile_outputs_are_left_as_they_are_on_this_machine(machine: SshMachine, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    (outputs / "deep/er").mkdir(parents=True)
    (outputs / "deep/er/good µ.txt").write_text("good")
    (outputs / "link").symlink_to("/etc/passwd")
    (outputs / "hard").write_text("twice")
    os.link(outputs / "hard", outputs / "harder")
    os.mkfifo(outputs / "pipe")
    Path(os.fsdecode(os.fsencode(outputs) + b"/caf\xe9")).write_text("x")
    (outputs / "a\nb").write_text("x")
    (outputs / "large").write_bytes(b"x" * 2000)
    limits = CollectionLimits(files=50, file_bytes=1000, total_bytes=1200)
    here = collect_tree(str(outputs), tmp_path / "here", limits)
    assert machine.download_tree(str(outputs), tmp_path / "there", limits) == here
    assert len([entry for entry in here if entry.skipped]) == 7
    assert [path.name for path in (tmp_path / "there").rglob("*") if path.is_file()] == ["good µ.txt"]
    assert machine.download_tree(f"{tmp_path}/none", tmp_path / "none", limits) == []
    (few,) = machine.download_tree(str(outputs), tmp_path / "few", CollectionLimits(files=0))
    assert "more than 0 files" in few.skipped
