"""Prefixes in a work folder: what counts as there, what is ours, and what happens when the disk is not mounted."""

from pathlib import Path

import pytest

from computes.environments.folder_place import FolderPlace
from computes.environments.platform_probe import kernel_version, measure_platform
from computes.errors import PreparationFailed, TargetUnreachable
from computes.machines.local import LocalMachine
from tests.computes.environments.conftest import INSTALLATION

HASH = "0123abcd"


@pytest.fixture
def place(tmp_path: Path) -> FolderPlace:
    """An empty place."""
    return FolderPlace(LocalMachine(), str(tmp_path / "work"), INSTALLATION)


def test_a_prefix_is_there_when_it_is_complete_and_gone_when_removed(place: FolderPlace) -> None:
    place.begin(HASH)
    place.put(HASH, {"a/b": b"12"})
    assert place.fetch(HASH, "a/b") == b"12"
    assert Path(place.prefix_of(HASH), "a/b").stat().st_mode & 0o777 == 0o600
    assert not place.is_complete(HASH)
    place.complete(HASH)
    assert place.is_complete(HASH)
    assert place.sizes()[HASH] >= 4096
    place.remove(HASH)
    assert not place.is_complete(HASH)
    assert place.sizes() == {}
    place.remove(HASH)


def test_a_complete_prefix_is_not_written(place: FolderPlace) -> None:
    place.begin(HASH)
    place.complete(HASH)
    with pytest.raises(PreparationFailed):
        place.put(HASH, {"a": b""})
    with pytest.raises(PreparationFailed):
        place.unpack(HASH, iter([b""]))


def test_a_build_that_was_begun_again_by_another_leaves_that_one_its_prefix(place: FolderPlace, tmp_path: Path) -> None:
    place.begin(HASH)
    other = FolderPlace(LocalMachine(), str(tmp_path / "work"), "ffff")
    other.begin(HASH)
    other.put(HASH, {"a": b"1"})
    with pytest.raises(PreparationFailed, match="Another build"):
        place.put(HASH, {"a": b"2"})
    place.remove(HASH)
    other.complete(HASH)
    assert other.is_complete(HASH)
    assert other.fetch(HASH, "a") == b"1"
    place.remove(HASH)
    assert not other.is_complete(HASH)


def test_a_line_without_a_folder_is_no_prefix(place: FolderPlace) -> None:
    place.begin(HASH)
    place.complete(HASH)
    Path(place.prefix_of(HASH)).rmdir()
    assert not place.is_complete(HASH)
    assert place.sizes() == {}


def test_only_our_own_prefixes_are_counted(place: FolderPlace, tmp_path: Path) -> None:
    other = FolderPlace(LocalMachine(), str(tmp_path / "work"), "ffff")
    other.begin(HASH)
    other.complete(HASH)
    place.begin("beef")
    assert list(place.sizes()) == ["beef"]
    assert list(other.sizes()) == [HASH]


def test_a_disk_that_is_not_mounted_says_nothing_about_prefixes(place: FolderPlace, tmp_path: Path) -> None:
    place.begin(HASH)
    place.complete(HASH)
    (tmp_path / "work").rename(tmp_path / "unmounted")
    (tmp_path / "work").mkdir()
    with pytest.raises(TargetUnreachable, match="mounted"):
        place.sizes()
    place.remove(HASH)
    (tmp_path / "work").rmdir()
    (tmp_path / "unmounted").rename(tmp_path / "work")
    assert place.is_complete(HASH)


@pytest.mark.parametrize("hash", ["", "..", "../x", "AB", "a/b", "ab\n", "a" * 65])
def test_a_name_that_is_no_hash_is_no_path(place: FolderPlace, hash: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        place.begin(hash)


def test_programs_see_nothing_of_the_server(place: FolderPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMLWEB_SECRET", "x")
    place.begin(HASH)
    lines: list[str] = []
    done = place.run(HASH, ["/usr/bin/env"], {"MINE": "1"}, lines.append, 30)
    assert done.code == 0
    assert {line.partition("=")[0] for line in lines} == {"PATH", "HOME", "LANG", "MINE"}
    assert done.output == "\n".join(lines)


def test_a_platform_is_what_the_machine_says() -> None:
    flags = "flags : cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3 avx avx2\n"
    plain = measure_platform(lambda argv: {"uname": "x86_64\n", "getconf": "glibc 2.36\n", "cat": flags}[argv[0]])
    assert (plain.subdir, plain.glibc, plain.archspec) == ("linux-64", "2.36", "x86_64_v2")
    ldd = "ldd (Ubuntu GLIBC 2.39-0ubuntu8) 2.39\n"
    arm = measure_platform(lambda argv: {"uname": "aarch64", "ldd": ldd}.get(argv[0], ""))
    assert (arm.subdir, arm.glibc, arm.archspec) == ("linux-aarch64", "2.39", "aarch64")


@pytest.mark.parametrize(
    ("release", "version"),
    [("6.1.0-28-amd64\n", "6.1.0"), ("5.15.167.4-microsoft-standard-WSL2", "5.15.167"), ("4.18", "4.18"), ("", "5.10")],
)
def test_the_kernels_version_is_in_the_name_of_its_release(release: str, version: str) -> None:
    assert kernel_version(release) == version


@pytest.mark.parametrize(("machine", "libc"), [("x86_64", "musl libc (x86_64)"), ("vax", "glibc 2.36"), ("", "")])
def test_a_machine_that_packages_do_not_fit_is_told(machine: str, libc: str) -> None:
    with pytest.raises(PreparationFailed):
        measure_platform(lambda argv: {"uname": machine, "getconf": libc}.get(argv[0], ""))
