"""A snapshot is the folder as it was: same content, same digest; readable, packable and comparable for ever."""

import io
import os
import subprocess
import tarfile
import threading
from pathlib import Path

import pytest
from pytest_django import Settings

from projects.blob_store import BlobMissing
from projects.errors import FileNotInSnapshot, SourceRefused
from projects.models import Project, Snapshot
from projects.size_limits import in_words
from projects.snapshots import (
    differences,
    entry_of,
    manifest_of_snapshot,
    read_file,
    store_tree,
    stream_archive,
    take_snapshot,
)
from projects.stores import blob_store, size_limits
from tests.projects.conftest import Laid

CODE = {"train.py": "print('é')\n", "lib/__init__.py": "", "data/a.csv": b"\x00\x01", "aml_config/local.compute": "x"}


def test_the_same_content_gives_the_same_digest_and_row(project: Project, lay: Laid) -> None:
    first = take_snapshot(project, lay(CODE))
    second = take_snapshot(project, lay(dict(reversed(CODE.items()))))
    assert first.pk == second.pk
    assert (first.files, first.size_bytes) == (4, 15)
    assert take_snapshot(project, lay(CODE | {"train.py": "print()\n"})).digest != first.digest


def test_the_digest_of_a_known_folder_never_changes(project: Project, lay: Laid) -> None:
    folder = lay({"a.py": "print(1)\n", "b/c.sh": "true\n"})
    (folder / "b/c.sh").chmod(0o700)
    (folder / "a.py").chmod(0o600)
    assert take_snapshot(project, folder).digest == "fa3814d34d6d42f2fc87dc938e1488078cce9582f77ce528e8ec4ff7a8b577d3"
    assert [entry.mode for entry in manifest_of_snapshot(Snapshot.objects.get())] == [0o644, 0o755]


def test_files_are_read_back_as_they_were(project: Project, lay: Laid) -> None:
    snapshot = take_snapshot(project, lay(CODE))
    assert [entry.path for entry in manifest_of_snapshot(snapshot)] == sorted(CODE)
    assert read_file(snapshot, "train.py", 1000) == "print('é')\n".encode()
    assert read_file(snapshot, "train.py", 5) == b"print"
    assert entry_of(snapshot, "data/a.csv").size == 2


@pytest.mark.parametrize("path", ["", "train", "train.pyc", "../train.py", "/train.py", "lib", "zzz", "\udc80", "\0"])
def test_a_path_that_the_snapshot_does_not_hold_is_not_found(project: Project, lay: Laid, path: str) -> None:
    with pytest.raises(FileNotInSnapshot):
        read_file(take_snapshot(project, lay(CODE)), path, 10)


def test_a_lost_blob_is_said_to_be_lost(project: Project, lay: Laid) -> None:
    snapshot = take_snapshot(project, lay(CODE))
    blob_store().path_of(entry_of(snapshot, "train.py").sha256).unlink()
    with pytest.raises(BlobMissing, match="backup"):
        read_file(snapshot, "train.py", 10)


def test_links_and_pipes_are_left_out_with_a_note_and_never_followed(project: Project, lay: Laid) -> None:
    folder = lay(CODE)
    (folder / "passwords").symlink_to("/etc/passwd")
    (folder / "inside").symlink_to("train.py")
    (folder / "all").symlink_to("/etc")
    (folder / "lost").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    (folder / "sub").mkdir()
    (folder / "sub" / ".gitignore").symlink_to("/etc/passwd")
    snapshot = take_snapshot(project, folder)
    assert [entry.path for entry in manifest_of_snapshot(snapshot)] == sorted(CODE)
    assert sorted(note.split(" is ")[0] for note in snapshot.notes) == [
        "all",
        "inside",
        "lost",
        "passwords",
        "pipe",
        "sub/.gitignore",
    ]


def test_many_notes_are_shortened(project: Project, lay: Laid) -> None:
    folder = lay(CODE)
    for number in range(50):
        (folder / f"link{number}").symlink_to("train.py")
    notes = take_snapshot(project, folder).notes
    assert len(notes) == 21
    assert notes[-1].startswith("30 more")


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("SNAPSHOT_MAX_FILES", 11, "12 files"),
        ("SNAPSHOT_MAX_FILE_BYTES", 1999, "larger than 2.0 KiB"),
        ("SNAPSHOT_MAX_BYTES", 10_000, "12.7 KiB"),
    ],
)
def test_a_folder_over_a_limit_is_refused_with_the_ten_largest_files(
    project: Project, lay: Laid, settings: Settings, setting: str, value: int, said: str
) -> None:
    folder = lay({f"file{size}.bin": b"x" * size for size in range(900, 2100, 100)} | {"ignored.tmp": b"x" * 9999})
    (folder / ".gitignore").write_text("*.tmp\n.gitignore\n")
    setattr(settings, setting, value)
    if setting == "SNAPSHOT_MAX_BYTES":
        settings.SNAPSHOT_MAX_BYTES = 12_999
    with pytest.raises(SourceRefused) as refused:
        take_snapshot(project, folder)
    assert said in refused.value.text
    assert refused.value.remedy.count(".bin (") == 10
    assert "file2000.bin" in refused.value.remedy
    assert "file1000.bin" not in refused.value.remedy
    assert ".amlignore" in refused.value.remedy
    assert not Snapshot.objects.exists()


def test_a_file_that_cannot_be_stored_under_its_name_is_named(project: Project, lay: Laid) -> None:
    with pytest.raises(SourceRefused, match="backslash"):
        take_snapshot(project, lay({"a\\b.py": ""}))


def test_an_empty_project_is_refused(project: Project, lay: Laid) -> None:
    with pytest.raises(SourceRefused, match="no file"):
        take_snapshot(project, lay({"outputs/model.pkl": "x", ".git/config": "y"}))


def test_two_takers_at_once_leave_one_whole_store(lay: Laid) -> None:
    folder = lay(
        {f"{number}.bin": bytes([number]) * 3_000_000 for number in range(6)} | {"same.bin": b"\0" * 3_000_000}
    )
    store, digests = blob_store(), []
    takers = [
        threading.Thread(target=lambda: digests.append(store_tree(store, folder, size_limits(), "folder").digest))
        for _ in range(4)
    ]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join(60)
    assert len(set(digests)) == 1
    assert len(digests) == 4
    assert not list((store.root / "incoming").iterdir())
    stored = [path for path in store.root.rglob("*") if path.is_file()]
    assert len(stored) == 7
    for path in stored:
        with path.open("rb") as file:
            assert store.put_stream(file).sha256 == path.parent.name + path.name
        assert path.stat().st_mode & 0o777 == 0o400


def test_the_archive_is_the_same_bytes_each_time_and_holds_the_files(
    project: Project, lay: Laid, tmp_path: Path
) -> None:
    folder = lay(CODE | {"lib/" + "long" * 40 + ".py": "x", "run.sh": "true"})
    (folder / "run.sh").chmod(0o755)
    snapshot = take_snapshot(project, folder)
    packed = b"".join(stream_archive(snapshot))
    assert packed == b"".join(stream_archive(Snapshot.objects.get()))
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path / "out", filter="data")
    top = tmp_path / "out" / f"iris-{snapshot.digest[:12]}"
    assert take_snapshot(project, top).digest == snapshot.digest
    assert (top / "run.sh").stat().st_mode & 0o100


def test_differences_name_what_came_went_and_changed(project: Project, lay: Laid) -> None:
    old = take_snapshot(project, lay(CODE | {"gone.py": "x\n", "big.csv": "1\n" * 5000, "wide.txt": "a" * 300_000}))
    folder = lay(CODE | {"train.py": "print('e')\n", "new.py": "y\n", "data/a.csv": b"\0\2", "big.csv": "2\n" * 5000})
    (folder / "wide.txt").write_text("b" * 300_000)
    (folder / "lib/__init__.py").chmod(0o755)
    found = {each.path: each for each in differences(old, take_snapshot(project, folder))}
    assert sorted(found) == ["big.csv", "data/a.csv", "gone.py", "lib/__init__.py", "new.py", "train.py", "wide.txt"]
    assert found["train.py"].text == "--- a/train.py\n+++ b/train.py\n@@ -1,2 +1,2 @@\n-print('é')\n+print('e')\n "
    assert (found["gone.py"].change, found["new.py"].change) == ("removed", "added")
    assert found["data/a.csv"].remark == "binary"
    assert found["lib/__init__.py"].mode_changed
    assert found["wide.txt"].remark == "too large to compare"
    assert found["big.csv"].remark == "too many lines to compare"
    assert differences(old, old) == []
    assert {each.change for each in differences(None, old)} == {"added"}


def _git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Alice", "-c", "user.email=alice@lab.example", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_gits_commit_and_changes_are_noted(project: Project, lay: Laid) -> None:
    folder = lay(CODE)
    assert take_snapshot(project, folder).git_commit == ""
    _git(folder, "init", "-q")
    _git(folder, "add", ".")
    _git(folder, "commit", "-qm", "first")
    (folder / "outputs").mkdir()
    (folder / "outputs/model").write_text("left by a run")
    commit = _git(folder, "rev-parse", "HEAD")
    clean = take_snapshot(project, folder)
    assert (clean.git_commit, clean.git_dirty) == (commit, False)
    _git(folder, "pack-refs", "--all")
    (folder / "train.py").write_text("other")
    dirty = take_snapshot(project, folder)
    assert (dirty.git_commit, dirty.git_dirty) == (commit, True)
    (folder / "train.py").write_text(CODE["train.py"])  # type: ignore[arg-type]
    (folder / "new.py").write_text("not known to git")
    assert take_snapshot(project, folder).git_dirty


def test_nothing_that_a_repository_brings_along_is_run(project: Project, lay: Laid, tmp_path: Path) -> None:
    folder, proof = lay(CODE | {".gitattributes": "*.py filter=evil diff=evil\n"}), tmp_path / "proof"
    _git(folder, "init", "-q")
    _git(folder, "add", ".")
    _git(folder, "commit", "-qm", "first")
    evil = f"touch {proof}"
    for name in ("core.fsmonitor", "filter.evil.clean", "filter.evil.process", "core.sshCommand", "diff.evil.command"):
        _git(folder, "config", name, evil)
    hook = folder / ".git/hooks/post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{evil}\n")
    hook.chmod(0o755)
    os.utime(folder / "train.py", (1, 1))
    snapshot = take_snapshot(project, folder)
    assert snapshot.git_commit
    assert not proof.exists()
    subprocess.run(["git", "status"], cwd=folder, check=False, capture_output=True)
    assert proof.exists(), "the trap itself must work"


@pytest.mark.parametrize("head", ["ref: ../../../etc/passwd", "ref: refs/heads/../../x", "", "x" * 40, "\0"])
def test_a_strange_head_gives_no_commit(project: Project, lay: Laid, head: str) -> None:
    assert take_snapshot(project, lay(CODE | {".git/HEAD": head})).git_commit == ""


def test_sizes_are_said_as_people_say_them() -> None:
    assert [in_words(size) for size in (0, 1023, 1024, 1536, 200 * 1024**2, 5 * 1024**5)] == [
        "0 B",
        "1023 B",
        "1.0 KiB",
        "1.5 KiB",
        "200.0 MiB",
        "5120.0 TiB",
    ]
