"""Outputs that come out of a volume as a tar: however many there are of whatever kind, it ends."""

import io
import itertools
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from computes.executors.docker.copied_outputs import TOO_MUCH, unpack
from computes.machines.contract import CollectionLimits

MOST = 50


def endless(kind: bytes) -> Iterator[bytes]:
    """A tar whose members do not end."""
    for number in itertools.count():
        entry = tarfile.TarInfo(f"outputs/{number}")
        entry.type, entry.linkname = kind, "/etc/passwd"
        yield entry.tobuf()


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_members_without_end_are_cut_off(tmp_path: Path, kind: bytes) -> None:
    (tmp_path / "aside").mkdir()
    refused = list(unpack(endless(kind), tmp_path / "aside", tmp_path / "kept", CollectionLimits(files=MOST)))
    assert len(refused) <= MOST + 1
    assert refused[-1].skipped == TOO_MUCH
    assert len(list(tmp_path.rglob("*"))) <= MOST + 2


@pytest.mark.parametrize("name", ["outputs/../x", "/etc/x", "outputs/a//b", "other/x", "outputs/./x"])
def test_a_name_that_leads_out_is_left(tmp_path: Path, name: str) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.addfile(tarfile.TarInfo(name))
    (tmp_path / "aside").mkdir()
    (refused,) = unpack(iter([buffer.getvalue()]), tmp_path / "aside", tmp_path / "kept", CollectionLimits())
    assert refused.skipped == "its name leads out of the outputs"
    assert [path.name for path in tmp_path.rglob("*")] == ["aside"]


def test_a_path_longer_than_any_is_left_and_keeps_nothing_else_back(tmp_path: Path) -> None:
    buffer, folder = io.BytesIO(), "outputs" + "/deep" * 1000
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, kind in ((folder, tarfile.DIRTYPE), (f"{folder}/x", tarfile.REGTYPE), ("outputs/z", tarfile.REGTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type = kind
            tar.addfile(entry)
    (tmp_path / "aside").mkdir()
    refused = list(unpack(iter([buffer.getvalue()]), tmp_path / "aside", tmp_path / "kept", CollectionLimits()))
    assert [entry.skipped for entry in refused] == ["its path is longer than 1000 bytes"]
    assert (tmp_path / "aside" / "outputs" / "z").is_file()
