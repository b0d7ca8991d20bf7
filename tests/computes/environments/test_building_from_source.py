"""Packages that are built from source: where their needs are sought, and what their programs print of logins."""

import base64
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from computes.contract import TargetSettings
from computes.environments.builder import prepare
from computes.environments.builder_request import BuilderFiles, BuilderRequest
from computes.environments.contract import Lock, LogLine, PackageSources
from computes.environments.lock_json import lock_from_json, lock_to_json
from computes.environments.masking import MASK
from computes.environments.package_sources import with_credentials
from computes.environments.place_factory import place_to_json
from computes.environments.spec_reading import ReadSpec, spec_from_conda
from computes.errors import PreparationFailed
from projects.aml_config.dependency_files import CondaDependencies
from tests.computes.environments.conftest import INSTALLATION, LOGIN, PASSWORD, QUOTED_PASSWORD, Workshop
from tests.stack.conda_channel import CondaChannel, make_conda_channel
from tests.stack.package_server import PackageServer
from tests.stack.small_sdists import make_sdist


def prepared(workshop: Workshop, read: ReadSpec, log: LogLine) -> dict[str, Any]:
    """Solve and build as the builder does."""
    settings = TargetSettings(name="here", kind="local", work_folder=str(workshop.folder / "work"))
    request = BuilderRequest(
        files=BuilderFiles.in_folder(workshop.folder),
        place=place_to_json("folder", settings, INSTALLATION),
        sources=workshop.sources,
        cache_folder=workshop.cache,
        spec=read.spec,
    )
    found: dict[str, Any] = {}
    prepare(request, log, found)
    return found


def test_what_a_source_package_needs_comes_from_the_index_of_the_project(
    guarded: PackageServer, channel: CondaChannel, tmp_path: Path
) -> None:
    """With its password, and from an address with a folder `/t/`. No other index is told, and none is reached."""
    make_sdist(channel.folder / "t" / "2026", "bird", "1.0", needs=["fish"], program="import fish")
    lines = (
        f"--index-url {guarded.address('simple', with_login=True)}",
        f"bird @ {guarded.address('t/2026/bird-1.0.tar.gz')}",
    )
    channels = (guarded.address("conda", with_login=True),)
    channels = (guarded.address("conda", with_login=True),)
    read = spec_from_conda(CondaDependencies(channels=channels, dependencies=("python",), pip=lines))
    workshop = Workshop(tmp_path, with_credentials(PackageSources(), read.credentials))
    when_locked: list[int] = []

    def log(line: str) -> None:
        workshop.lines.append(line)
        if line.startswith("Locked as"):
            when_locked.append(len(guarded.paths))

    found = prepared(workshop, read, log)
    bird = next(package for package in found["lock"].packages if package.name == "bird")
    assert bird.url == guarded.address("t/2026/bird-1.0.tar.gz")
    assert list(Path(workshop.place.prefix_of(found["lock"].hash)).rglob("site-packages/bird.py"))
    assert "/simple/fish/" in guarded.paths[when_locked[0] :]
    assert not [line for line in workshop.lines if PASSWORD in line or QUOTED_PASSWORD in line]


def test_a_lock_is_built_again_with_the_index_that_it_names_and_the_login_of_the_project(
    guarded: PackageServer, channel: CondaChannel, tmp_path: Path
) -> None:
    """Nobody says where to look but the lock itself; the login comes with the request."""
    make_sdist(channel.folder / "t" / "2026", "heron", "1.0", needs=["fish"], program="import fish")
    lock, sources = locked_heron(guarded, "simple", tmp_path)
    assert lock.indexes == (f"--index-url={guarded.address('simple')}",)
    text = lock_to_json(lock)
    assert PASSWORD not in text
    assert QUOTED_PASSWORD not in text
    workshop = Workshop(tmp_path / "again", sources)
    before = len(guarded.paths)
    rebuilt(workshop, lock_from_json(text))
    assert "/simple/fish/" in guarded.paths[before:]
    assert list(Path(workshop.place.prefix_of(lock.hash)).rglob("site-packages/heron.py"))


def test_an_index_of_a_lock_that_is_gone_is_named(
    guarded: PackageServer, channel: CondaChannel, tmp_path: Path
) -> None:
    make_sdist(channel.folder / "t" / "2026", "heron", "1.0", needs=["fish"], program="import fish")
    lock, sources = locked_heron(guarded, "simple", tmp_path)
    closed, there = guarded.address("closed"), guarded.address("conda/")
    gone = replace(lock, indexes=(f"--index-url={closed}", f"--find-links={there}"))
    workshop = Workshop(tmp_path / "again", sources)
    with pytest.raises(PreparationFailed) as failed:
        rebuilt(workshop, gone)
    assert f"which do not answer: {closed} (404 " in failed.value.text
    assert f"{there} (" not in failed.value.text
    assert PASSWORD not in failed.value.text


def locked_heron(guarded: PackageServer, index: str, folder: Path) -> tuple[Lock, PackageSources]:
    """Lock a source package that needs `fish` to be built; return the lock, and the logins of the project's file."""
    lines = (
        f"--index-url {guarded.address(index, with_login=True)}",
        f"heron @ {guarded.address('t/2026/heron-1.0.tar.gz')}",
    )
    channels = (guarded.address("conda", with_login=True),)
    read = spec_from_conda(CondaDependencies(channels=channels, dependencies=("python",), pip=lines))
    sources = with_credentials(PackageSources(), read.credentials)
    return Workshop(folder / "first", sources).solve(read), sources


def rebuilt(workshop: Workshop, lock: Lock) -> None:
    """Build a lock as the builder does, without the file that it was made of."""
    settings = TargetSettings(name="here", kind="local", work_folder=str(workshop.folder / "work"))
    request = BuilderRequest(
        files=BuilderFiles.in_folder(workshop.folder),
        place=place_to_json("folder", settings, INSTALLATION),
        sources=workshop.sources,
        cache_folder=workshop.cache,
        lock=lock,
    )
    prepare(request, workshop.lines.append, {})


@pytest.mark.parametrize("when", ["when it is locked", "when it is installed"])
def test_a_source_package_that_cannot_be_built_is_told_with_its_words_and_its_line(
    server: PackageServer, channel: CondaChannel, tmp_path: Path, when: str
) -> None:
    bad = tmp_path / "bad"
    program = f"import sys\nif os.path.exists({str(bad)!r}):\n    print('there is no compiler')\n    sys.exit(3)\n"
    make_sdist(channel.folder / "t", "wren", "1.0", program=program)
    lines = (f"--index-url {server.address('simple')}", "fish", f"wren @ {server.address('t/wren-1.0.tar.gz')}")
    channels = (server.address("conda"),)
    text = "".join(f"- {line}\n" for line in lines)
    read = spec_from_conda(CondaDependencies(channels=channels, dependencies=("python",), pip=lines), text=text)
    workshop = Workshop(tmp_path, PackageSources())
    if when == "when it is locked":
        bad.touch()

    def log(line: str) -> None:
        if line.startswith("Locked as"):
            bad.touch()

    with pytest.raises(PreparationFailed) as failed:
        prepared(workshop, read, log)
    assert "there is no compiler" in failed.value.text
    assert f"line 3: {lines[2]}" in failed.value.text
    assert "line 2" not in failed.value.text


@pytest.mark.parametrize("pip", [(), ("fish",)], ids=["without pip", "with pip"])
def test_a_package_that_its_channel_has_lost_is_told_with_its_line(tmp_path: Path, pip: tuple[str, ...]) -> None:
    channel = make_conda_channel(tmp_path / "made")
    (channel.channel / "noarch/towel-2.0-py_0.conda").unlink()
    asked = ("python", "towel =2")
    text = "".join(f"- {line}\n" for line in (*asked, *pip))
    read = spec_from_conda(CondaDependencies(channels=("conda",), dependencies=asked, pip=pip), text=text)
    workshop = Workshop(tmp_path, PackageSources(channel_map={"conda": (channel.channel.as_uri(),)}))
    with pytest.raises(PreparationFailed) as failed:
        prepared(workshop, read, workshop.lines.append)
    assert failed.value.text.startswith("failed to fetch towel-2.0-py_0.conda")
    assert failed.value.text.endswith("Asked for in aml_config/conda_dependencies.yml, line 2: towel =2")
    assert "submit the script anew" in failed.value.remedy


def test_a_login_that_a_source_package_prints_in_base64_is_masked(
    guarded: PackageServer, channel: CondaChannel, tmp_path: Path
) -> None:
    """What is built can read the logins of the indexes; the log does not show them in that form."""
    program = (
        "import base64, sys\n"
        "netrc = open(os.environ['NETRC'], 'rb').read()\n"
        "word = netrc.split()[-1]\n"
        "for text in (netrc, word, b'alice:' + word):\n"
        "    print('seen', base64.b64encode(text).decode())\n"
        "sys.exit(3)\n"
    )
    make_sdist(channel.folder / "pip", "spy", "1.0", program=program)
    channels = (guarded.address("conda", with_login=True),)
    lines = (
        f"--index-url {guarded.address('simple', with_login=True)}",
        f"spy @ {guarded.address('pip/spy-1.0.tar.gz')}",
    )
    read = spec_from_conda(CondaDependencies(channels=channels, dependencies=("python",), pip=lines))
    workshop = Workshop(tmp_path, PackageSources())
    with pytest.raises(PreparationFailed):
        workshop.solve(read)
    seen = [line.partition("seen ")[2] for line in workshop.lines if "seen " in line]
    assert [text.rstrip("=") for text in seen[1:]] == [MASK, MASK]
    assert seen[0].startswith(base64.b64encode(b"machine 127.0.0.1").decode()[:20])
    assert MASK in seen[0]
    for text in (PASSWORD, LOGIN, f"machine 127.0.0.1\nlogin alice\npassword {PASSWORD}\n"):
        assert not [line for line in workshop.lines if base64.b64encode(text.encode()).decode() in line]
