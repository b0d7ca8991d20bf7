"""Conda packages come from anybody: linking them reads nothing of the server and writes nowhere else."""

import json
from pathlib import Path
from typing import Any

import pytest

from computes.environments.contract import PackageSources
from computes.environments.solver.trusting import Packages, Untrusted
from computes.environments.spec_reading import spec_from_conda
from computes.errors import PreparationFailed
from projects.aml_config.dependency_files import CondaDependencies
from tests.computes.environments.conftest import Workshop
from tests.stack import conda_packages
from tests.stack.conda_channel import index, make_conda_channel

SECRET = "of the server"


def package(folder: Path, *files: str, kinds: str = "hardlink", **links: str) -> Path:
    """Make a package as it is in the cache, with links by name; `__` in a name stands for a slash."""
    (folder / "info").mkdir(parents=True)
    entries = [{"_path": path, "path_type": "hardlink"} for path in files]
    for name, target in links.items():
        path = name.replace("__", "/")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(target)
        entries.append({"_path": path, "path_type": kinds})
    (folder / "info/paths.json").write_text(json.dumps({"paths": entries}))
    return folder


@pytest.mark.parametrize("path", ["/etc/passwd", "../../keys", "share/../../keys", "lib/through/keys", ""])
def test_a_file_that_is_not_the_packages_own_is_refused(tmp_path: Path, path: str) -> None:
    folder = package(tmp_path / "spy-1-0", path, kinds="softlink", lib__through="../share")
    with pytest.raises(Untrusted, match="spy-1-0 names a file that is not its own"):
        Packages({"version": "3.11.7"}).require_harmless(folder)


def test_a_link_that_poses_as_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Untrusted, match="names a file that is not its own: 'share/key'"):
        Packages({}).require_harmless(package(tmp_path / "spy-1-0", share__key="../other"))


@pytest.mark.parametrize("target", ["/etc", "../../..", "../../x", "../up/../../x", "deep/../../../x"])
def test_a_link_out_of_the_package_is_refused(tmp_path: Path, target: str) -> None:
    with pytest.raises(Untrusted, match="holds a link that leads out of the environment: 'lib/x'"):
        Packages({}).require_harmless(package(tmp_path / "spy-1-0", kinds="softlink", lib__x=target))


@pytest.mark.parametrize("order", [1, -1])
def test_a_link_behind_the_link_of_another_package_is_refused(tmp_path: Path, order: int) -> None:
    first = package(tmp_path / "first-1-0", kinds="softlink", a__b__c="../../x")
    second = package(tmp_path / "second-1-0", kinds="softlink", a__b__c__d="../../../y")
    packages = Packages({})
    one, other = (first, second)[::order]
    packages.require_harmless(one)
    with pytest.raises(Untrusted, match="have links behind a link: 'a/b/c'"):
        packages.require_harmless(other)


def test_links_of_packages_for_any_python_count_where_they_come_to_lie(tmp_path: Path) -> None:
    packages = Packages({"version": "3.11.7"})
    packages.require_harmless(
        package(tmp_path / "first-1-0", kinds="softlink", **{"lib__python3.11__site-packages__a": "../x"})
    )
    with pytest.raises(Untrusted, match="behind a link"):
        packages.require_harmless(package(tmp_path / "second-1-0", kinds="softlink", **{"site-packages__a__b": "c"}))


@pytest.mark.parametrize("path", ["../../server", "/srv/server", "lib/../../server"])
def test_a_python_whose_packages_would_lie_elsewhere_is_refused(tmp_path: Path, path: str) -> None:
    """With rattler itself, which would write there."""
    channel, stage = make_conda_channel(tmp_path / "made"), tmp_path / "stage"
    (stage / "site-packages").mkdir(parents=True)
    (stage / "site-packages/owned.py").touch()
    facts: dict[str, Any] = {"name": "python", "version": "3.99", "python_site_packages_path": path}
    conda_packages.write_package(channel.channel, tmp_path / "nothing", facts)
    facts = {"name": "spy", "version": "1", "noarch": "python", "depends": ["python"]}
    link = {"noarch": {"type": "python"}, "package_metadata_version": 1}
    conda_packages.write_package(channel.channel, stage, facts, link)
    index(channel.channel)
    workshop = Workshop(tmp_path, PackageSources(channel_map={"conda": (channel.channel.as_uri(),)}))
    asked = CondaDependencies(channels=("conda",), dependencies=("spy", "python=3.99"))
    lock = workshop.solve(spec_from_conda(asked))
    with pytest.raises(PreparationFailed, match="names a folder that is not in the environment"):
        workshop.build(lock)
    assert not list((tmp_path / "work").rglob("owned.py"))


def test_a_package_that_says_nothing_of_its_files_is_refused(tmp_path: Path) -> None:
    folder = package(tmp_path / "spy-1-0")
    for text in ("", "[]", '{"paths": [1]}', '{"paths": [{}]}'):
        (folder / "info/paths.json").write_text(text)
        with pytest.raises(Untrusted, match="does not say which files it has"):
            Packages({}).require_harmless(folder)
    (folder / "info/paths.json").unlink()
    (folder / "info/paths.json").symlink_to(tmp_path / "keys")
    with pytest.raises(Untrusted, match="links in place of what it says about itself"):
        Packages({}).require_harmless(folder)


def test_ordinary_links_and_old_packages_are_taken(tmp_path: Path) -> None:
    packages = Packages({"version": "3.11.7"})
    links = {"lib__python3.1": "python3.11", "lib__terminfo": "../share/terminfo", "lib__libblas.so.3": "libfast.so"}
    new = package(tmp_path / "new-1-0", "lib/x", "./share/y", kinds="softlink", **links)
    (new / "info/test").mkdir()
    (new / "info/test/data").symlink_to("/nowhere")  # it is not linked
    packages.require_harmless(new)
    old = package(tmp_path / "old-1-0", kinds="softlink", bin__tool="../lib/tool")
    (old / "info/paths.json").unlink()
    (old / "info/files").write_text("bin/tool\nlib/tool\n")
    packages.require_harmless(old)


@pytest.mark.parametrize("kind", ["softlink", "hardlink"])
def test_a_package_brings_no_file_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """With rattler itself, by a link that says what it is and by one that says it is a file."""
    channel, stage, secret = make_conda_channel(tmp_path / "made"), tmp_path / "stage", tmp_path / "secret_key"
    secret.write_text(SECRET)
    (stage / "share").mkdir(parents=True)
    (stage / "share/key").symlink_to(secret)
    entry = {"_path": "share/key", "path_type": kind}
    monkeypatch.setattr(conda_packages, "entry_of", lambda stage, path: entry)
    conda_packages.write_package(channel.channel, stage, {"name": "spy", "version": "1"})
    index(channel.channel)
    workshop = Workshop(tmp_path, PackageSources(channel_map={"conda": (channel.channel.as_uri(),)}))
    lock = workshop.solve(spec_from_conda(CondaDependencies(channels=("conda",), dependencies=("spy",))))
    with pytest.raises(PreparationFailed, match=r"The package spy-1-0 .*'share/key'"):
        workshop.build(lock)
    assert not Path(workshop.place.prefix_of(lock.hash)).exists()
