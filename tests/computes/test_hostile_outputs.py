"""Outputs are collected without following anything that a script has put there."""

import os
import socket
from pathlib import Path

import pytest

from computes.contract import Collected
from computes.machines.collection import collect_tree
from computes.machines.contract import CollectionLimits
from computes.supervisor.outputs import Outputs


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """Return a folder that a script filled."""
    folder = tmp_path / "outputs"
    folder.mkdir()
    (folder / "good.txt").write_text("good")
    return folder


def collect(outputs: Path, limits: CollectionLimits | None = None) -> dict[str, Collected]:
    found = collect_tree(str(outputs), outputs.parent / "kept", limits or CollectionLimits())
    return {entry.path: entry for entry in found}


def kept(outputs: Path) -> list[str]:
    root = outputs.parent / "kept"
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_links_are_refused_and_listed(outputs: Path) -> None:
    (outputs / "link").symlink_to("/etc/passwd")
    (outputs / "folder").symlink_to("/etc")
    (outputs / "inside").symlink_to("good.txt")
    found = collect(outputs)
    assert kept(outputs) == ["good.txt"]
    assert {found[name].skipped for name in ("link", "folder", "inside")} == {"it is a link"}


def test_hard_links_are_refused(outputs: Path) -> None:
    os.link(outputs / "good.txt", outputs / "b")
    found = collect(outputs)
    assert kept(outputs) == []
    assert "hard link" in found["b"].skipped
    assert "hard link" in found["good.txt"].skipped


def test_pipes_sockets_and_devices_are_refused_without_waiting(outputs: Path) -> None:
    os.mkfifo(outputs / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(outputs / "s"))
        if os.geteuid() == 0:
            os.mknod(outputs / "null", 0o600 | 0o020000, os.makedev(1, 3))
        found = collect(outputs)
    assert kept(outputs) == ["good.txt"]
    assert found["pipe"].skipped == "it is a pipe"
    assert found["s"].skipped == "it is a socket"
    if os.geteuid() == 0:
        assert found["null"].skipped == "it is a device"


@pytest.mark.parametrize("name", [b"a\nb", b"a\x1bb", b"\x7f", b"tab\there", "rtl\u202eexe".encode()])
def test_control_characters_in_names_are_refused_and_shown_escaped(outputs: Path, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(outputs) + b"/" + name)).write_text("x")
    found = collect(outputs)
    assert kept(outputs) == ["good.txt"]
    (entry,) = [entry for entry in found.values() if entry.skipped]
    assert entry.path.isprintable()
    assert "control characters" in entry.skipped


def test_names_that_are_not_utf8_are_refused_and_shown_escaped(outputs: Path) -> None:
    Path(os.fsdecode(os.fsencode(outputs) + b"/caf\xe9")).write_text("x")
    Path(os.fsdecode(os.fsencode(outputs) + b"/d\xff")).mkdir()
    found = collect(outputs)
    assert kept(outputs) == ["good.txt"]
    assert found["caf\\udce9"].skipped == "its name is not valid UTF-8"
    found["d\\udcff"].path.encode()


def test_ordinary_names_of_all_languages_are_kept(outputs: Path) -> None:
    for name in ("Größe µ.csv", "模型.bin", 'a b\'s "c".txt', "-rf", "%2e%2e"):
        (outputs / name).write_text(name)
    assert not [entry for entry in collect(outputs).values() if entry.skipped]
    assert len(kept(outputs)) == 6


def test_outputs_that_became_a_link_lead_nowhere(outputs: Path) -> None:
    outputs.rename(outputs.with_name("real"))
    outputs.symlink_to("/etc")
    (entry,) = collect(outputs).values()
    assert entry.skipped
    assert kept(outputs) == []


def test_outputs_that_were_removed_are_none(outputs: Path) -> None:
    (outputs / "good.txt").unlink()
    outputs.rmdir()
    assert collect(outputs) == {}


def test_too_many_files_are_cut_off_and_said(outputs: Path) -> None:
    for number in range(30):
        (outputs / f"{number:02}").touch()
    found = collect(outputs, CollectionLimits(files=10))
    assert len(kept(outputs)) == 10
    assert [entry.skipped for entry in found.values() if entry.skipped] == [
        "more than 10 files: this one and the rest were left"
    ]


@pytest.mark.parametrize("count", [9, 10, 11, 30, 31])
def test_a_folder_of_many_names_is_gone_through_page_by_page(
    outputs: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr("computes.supervisor.outputs.PAGE", 5)
    (outputs / "good.txt").unlink()
    for number in range(count):
        (outputs / f"{number:02}").mkdir()
        (outputs / f"{number:02}" / "file").touch()
    found = collect(outputs)
    assert list(found) == [f"{number:02}/file" for number in range(count)]
    assert not [entry for entry in found.values() if entry.skipped]


def test_large_files_and_a_large_sum_are_left(outputs: Path) -> None:
    (outputs / "large").write_bytes(b"x" * 2000)
    with open(outputs / "sparse", "wb") as file:
        file.truncate(1 << 40)
    for name in ("a", "b", "c"):
        (outputs / name).write_bytes(b"x" * 600)
    found = collect(outputs, CollectionLimits(file_bytes=1000, total_bytes=1300))
    assert kept(outputs) == ["a", "b", "good.txt"]
    assert "larger than 1,000 bytes" in found["large"].skipped
    assert "larger than 1,000 bytes" in found["sparse"].skipped
    assert "all outputs together" in found["c"].skipped


def test_folders_without_end_are_cut_off(outputs: Path) -> None:
    here = os.open(outputs, os.O_RDONLY)
    for _ in range(200):
        os.mkdir("d" * 200, dir_fd=here)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    found = collect(outputs)
    assert kept(outputs) == ["good.txt"]
    assert any("longer than" in entry.skipped for entry in found.values())


def test_what_is_removed_while_it_is_collected_is_named_and_keeps_nothing_else_back(outputs: Path) -> None:
    for name in ("a", "b", "c"):
        (outputs / name).write_text(name)
    found = []
    for entry in Outputs(10, 100, 100).found_in(str(outputs)):
        if entry.path == "a":
            (outputs / "b").unlink()
        if not entry.reason:
            os.close(entry.descriptor)
        found.append((entry.path, entry.reason))
    gone = ("b", "cannot be opened: No such file or directory")
    assert found == [("a", ""), gone, ("c", ""), ("good.txt", "")]
