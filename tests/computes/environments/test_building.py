"""Builds that are stopped, die, are given the wrong files or packages that do harm: never a half-built prefix."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from computes.environments.building import build
from computes.environments.contract import PackageSources
from computes.environments.folder_place import FolderPlace
from computes.environments.linking import linked_prefix
from computes.environments.lock_json import BadLock, lock_from_json, lock_of, lock_to_json
from computes.environments.prefix_form import MOMENT, put_in_form
from computes.environments.prefix_tar import tar_of_prefix
from computes.environments.spec_reading import spec_from_conda
from computes.environments.stopping import PreparationStopped, never
from computes.environments.target_steps import put_programs, run_step
from computes.errors import PreparationFailed, TargetDiskFull
from computes.machines.local import LocalMachine
from computes.supervisor.unpacking import unpack
from projects.aml_config.dependency_files import CondaDependencies
from tests.computes.environments.conftest import INSTALLATION, Built, Workshop
from tests.computes.environments.trees import files_with, look
from tests.stack.conda_channel import CondaChannel, index, make_conda_channel
from tests.stack.conda_packages import write_package


@pytest.fixture
def place(tmp_path: Path) -> FolderPlace:
    """An empty place."""
    return FolderPlace(LocalMachine(), str(tmp_path / "work"), INSTALLATION)


def test_a_stop_is_heard_at_every_step(built: Built, place: FolderPlace, tmp_path: Path) -> None:
    steps = ("Fetching and linking", "Fetched in", "Processing")
    for step in steps:
        lines: list[str] = []
        with pytest.raises(PreparationStopped):
            build(
                built.lock,
                place,
                built.workshop.sources,
                dict(built.read.spec.wheels),
                lines.append,
                lambda step=step, lines=lines: any(line.startswith(step) for line in lines),  # type: ignore[misc]
                built.workshop.cache,
            )
        assert any(line.startswith(step) for line in lines)
        assert not place.is_complete(built.lock.hash)
        assert not Path(place.prefix_of(built.lock.hash)).exists()


def begun_with_python(place: FolderPlace) -> str:
    """Begin a prefix whose Python is the one of the tests, and return its hash."""
    hash = "ab" * 16
    place.begin(hash)
    put_programs(place, hash)
    python = Path(place.prefix_of(hash)) / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    return hash


def test_a_step_whose_time_is_up_is_a_failure_and_no_silence(place: FolderPlace) -> None:
    hash = begun_with_python(place)
    with pytest.raises(PreparationFailed, match=r"`python -c .* took longer than 1 s"):
        run_step(place, hash, ["-c", "import time; time.sleep(60)"], {}, print, str, never, 1)


def test_a_step_that_fails_for_want_of_space_says_so(place: FolderPlace) -> None:
    hash = begun_with_python(place)
    script = "import os; os.write(os.open('/dev/full', os.O_WRONLY), b'x')"
    with pytest.raises(TargetDiskFull, match="No space left on device"):
        run_step(place, hash, ["-c", script], {}, print, str, never, 60)
    told = run_step(place, hash, ["-c", "print('No space left on device, nearly')"], {}, print, str, never, 60)
    assert told.code == 0


def test_a_wheel_that_has_changed_is_refused(built: Built, workshop: Workshop, tmp_path: Path) -> None:
    changed = tmp_path / "hat.whl"
    changed.write_bytes(built.wheel.read_bytes() + b"x")
    with pytest.raises(PreparationFailed, match="not what the lock was made of"):
        workshop.build(built.lock, {"wheels/hat-3.0-py3-none-any.whl": changed})
    with pytest.raises(PreparationFailed, match="not what the lock was made of"):
        workshop.build(built.lock, {})


@pytest.mark.parametrize("kind", ["conda", "pip"])
def test_a_package_with_another_content_is_refused(
    built: Built, workshop: Workshop, channel: CondaChannel, kind: str
) -> None:
    """The checksums of the lock count, not those of the channel or of the index."""
    packages = []
    for package in built.lock.packages:
        if package.name == ("idna" if kind == "conda" else "guide"):
            package = replace(package, sha256="0" * 64, record={**package.record, "sha256": "0" * 64, "md5": None})
        packages.append(package)
    lock = lock_of(built.lock.platform, built.lock.channels, packages)
    workshop.sources = built.workshop.sources
    with pytest.raises(PreparationFailed):
        workshop.build(lock, dict(built.read.spec.wheels))
    assert not workshop.place.is_complete(lock.hash)
    assert workshop.place.sizes() == {}


def test_a_login_that_is_missing_is_told(built: Built, workshop: Workshop) -> None:
    workshop.sources = PackageSources()
    with pytest.raises(PreparationFailed, match="401"):
        workshop.build(built.lock, dict(built.read.spec.wheels))


def test_what_another_build_left_half_done_is_never_used(built: Built, workshop: Workshop) -> None:
    place, hash = workshop.place, built.lock.hash
    place.begin(hash)
    place.put(hash, {"lib/python3.10/site-packages/evil.py": b"half"})
    assert not place.is_complete(hash)
    late = FolderPlace(LocalMachine(), str(workshop.folder / "work"), INSTALLATION)
    late.begin(hash)
    with pytest.raises(PreparationFailed, match="Another build"):
        place.complete(hash)
    late.complete(hash)
    assert place.is_complete(hash)
    assert not Path(place.prefix_of(hash), "lib").exists()


def test_links_that_packages_bring_stay_links_and_no_script_of_theirs_is_run(tmp_path: Path) -> None:
    """Also one to a folder, and one to a file that another package has."""
    channel, stage = make_conda_channel(tmp_path / "made"), tmp_path / "stage"
    for name, needs in (("fast", []), ("terminal", ["fast"])):
        files = stage / name
        (files / "share" / name).mkdir(parents=True)
        (files / "share" / name / "facts").write_text(name)
        (files / "lib").mkdir()
        (files / "lib" / name).symlink_to(f"../share/{name}")
        (files / "lib" / f"{name}-facts").symlink_to("../share/fast/facts")
        if name == "fast":
            (files / "bin").mkdir()
            (files / "bin/.fast-post-link.sh").write_text('touch "$PREFIX/ran"\n')
        write_package(channel.channel, files, {"name": name, "version": "1", "depends": needs})
    index(channel.channel)
    workshop = Workshop(tmp_path, PackageSources(channel_map={"conda": (channel.channel.as_uri(),)}))
    asked = CondaDependencies(channels=("conda",), dependencies=("python", "terminal"))
    lock = workshop.solve(spec_from_conda(asked))
    workshop.build(lock)
    prefix = Path(workshop.place.prefix_of(lock.hash))
    links = {name: str((prefix / "lib" / name).readlink()) for name in ("fast", "terminal", "terminal-facts")}
    assert links == {"fast": "../share/fast", "terminal": "../share/terminal", "terminal-facts": "../share/fast/facts"}
    assert (prefix / "lib/terminal/facts").read_text() == "terminal"
    assert (prefix / "lib/terminal-facts").read_text() == "fast"
    assert (prefix / "bin/python").is_symlink()
    assert {path.lstat().st_mtime for path in prefix.rglob("*")} == {MOMENT}
    assert not (prefix / "ran").exists()
    assert "Post-link scripts of packages are not run; these bring one: fast." in workshop.lines


def test_a_link_that_leads_out_of_the_prefix_is_refused(tmp_path: Path) -> None:
    for target in ("/etc/passwd", "../../../etc/passwd", ".."):
        folder = tmp_path / target.replace("/", "_")
        (folder / "lib").mkdir(parents=True)
        (folder / "lib/link").symlink_to(target)
        with pytest.raises(PreparationFailed, match="leads out"):
            list(tar_of_prefix(folder, "/opt/env/ab", never))


def test_a_folder_that_is_linked_where_it_stays_is_what_unpacking_gives(built: Built, tmp_path: Path) -> None:
    """Times count too, but for those of folders and links, which the end of each build sets."""
    workshop, prefix = built.workshop, "/opt/env/ab"
    folders = {name: tmp_path / name for name in ("here", "there")}
    conda = [package for package in built.lock.packages if package.kind == "conda"]
    subdir = built.lock.platform.subdir
    with linked_prefix(conda, subdir, prefix, workshop.sources, workshop.cache, never) as linked:
        (linked.folder / "bin/tool").write_bytes(b"x")
        (linked.folder / "bin/tool").chmod(0o4711)
        (linked.folder / "bin/also").symlink_to("tool")
        (linked.folder / "share").mkdir(mode=0o700, exist_ok=True)
        os.mkfifo(linked.folder / "share/pipe")
        folders["there"].mkdir()
        unpack(str(folders["there"]), tar_of_prefix(linked.folder, prefix, never))
        linked.folder.rename(folders["here"])
    put_in_form(folders["here"], prefix, never)
    here, there = (
        {
            path.relative_to(folder): (look(path), path.stat().st_mtime if path.is_file() else None)
            for path in folder.rglob("*")
        }
        for folder in folders.values()
    )
    assert here == there
    assert len(here) > 1000
    assert files_with(folders["here"], str(workshop.cache)) == []


def test_a_link_out_of_a_prefix_is_refused_where_it_stays_too(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/inside").symlink_to("../lib")
    put_in_form(tmp_path, "/opt/env/ab", never)
    (tmp_path / "lib/link").symlink_to("../../../etc/passwd")
    with pytest.raises(PreparationFailed, match="leads out"):
        put_in_form(tmp_path, "/opt/env/ab", never)


def test_a_lock_that_was_changed_is_refused(built: Built) -> None:
    text = lock_to_json(built.lock).replace('"version": "1.17.0"', '"version": "1.17.1"')
    with pytest.raises(BadLock, match="not those"):
        lock_from_json(text)
    for text in ("", "[]", "{}", '{"version": 99}'):
        with pytest.raises(BadLock):
            lock_from_json(text)
