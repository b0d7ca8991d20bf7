"""An environment of conda packages, of an index with a password and of a project's wheel, as it was built."""

import os
import subprocess
from pathlib import Path

from computes.environments.exports import explicit_text, pixi_lock_text
from computes.environments.installed import installed_packages
from computes.environments.lock_json import lock_from_json, lock_to_json
from computes.environments.on_target import finish
from computes.environments.request_digest import request_digest
from tests.computes.environments.conftest import PASSWORD, QUOTED_PASSWORD, Built
from tests.computes.environments.trees import files_with, tree_of
from tests.stack.package_server import PackageServer


def test_it_holds_what_was_asked_for(built: Built) -> None:
    packages = installed_packages(built.workshop.place, built.lock.hash)
    wanted = {"towel": "1.0", "six": "1.17.0", "guide": "4.2", "fish": "2.0", "hat": "3.0"}
    assert {name: packages.get(name) for name in wanted} == wanted
    assert "idna" in packages


def test_its_programs_run_at_its_path(built: Built) -> None:
    said = subprocess.run([built.prefix / "bin/guide"], capture_output=True, text=True, check=True)
    assert said.stdout == "guide 4.2\n"


def test_the_index_asked_for_the_password_and_got_it(built: Built, guarded: PackageServer) -> None:
    assert any(path.startswith("/simple/guide") for path in guarded.paths)
    assert any(path.startswith("/conda/noarch/") for path in guarded.paths)


def test_the_password_is_nowhere(built: Built) -> None:
    lock = lock_to_json(built.lock)
    texts = [lock, explicit_text(built.lock), repr(built.read), str(built.read.spec), *built.workshop.lines]
    texts.append(pixi_lock_text(built.lock, built.workshop.cache))
    for secret in (PASSWORD, QUOTED_PASSWORD, "alice"):
        assert not [text for text in texts if secret in text]
    assert not files_with(built.workshop.folder, PASSWORD, QUOTED_PASSWORD)


def test_nothing_of_the_build_is_left(built: Built) -> None:
    assert not [path for path in built.prefix.iterdir() if path.name.startswith(".")]
    assert not list(built.prefix.rglob("direct_url.json"))
    assert not [path for path in built.workshop.cache.iterdir() if path.name.startswith(("link-", "solver-"))]
    assert list(built.workshop.place.sizes()) == [built.lock.hash]


def test_another_account_can_read_it(built: Built) -> None:
    for path in [built.prefix, *built.prefix.rglob("*")]:
        mode = path.lstat().st_mode
        assert path.is_symlink() or mode & 0o444 == 0o444
        assert path.is_symlink() or not mode & 0o022


def test_no_file_is_shared_with_the_cache(built: Built) -> None:
    assert all(path.stat().st_nlink == 1 for path in built.prefix.rglob("*") if path.is_file())


def test_every_module_is_compiled_without_times(built: Built) -> None:
    compiled = list((built.prefix / "lib").rglob("towel/__pycache__/*.pyc"))
    assert len(compiled) == 1
    assert compiled[0].read_bytes()[4:8] == (1).to_bytes(4, "little")


def test_what_the_interpreter_did_before_changes_no_compiled_file(built: Built, tmp_path: Path) -> None:
    """Names that a type was asked for are kept for a while, and marshal writes what is kept by others differently."""
    source = tmp_path / "lib" / "module.py"
    source.parent.mkdir()
    source.write_text("def ask(about):\n    return about.alpha_once, about.beta_once\n")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import finish\n"
        "[getattr(object, sys.intern(name), None) for name in sys.argv[3].split()]\n"
        "finish.compile_share(sys.argv[2], 0)"
    )
    python = [built.prefix / "bin/python", "-s", "-S", "-B", "-c", program, Path(finish.__file__).parent, tmp_path]
    (tmp_path / "lib" / "__pycache__").mkdir()
    compiled: list[bytes] = []
    for names in ("", "alpha_once beta_once"):
        subprocess.run([*python, names], input=b"", stdout=subprocess.DEVNULL, env={"PYTHONHASHSEED": "0"}, check=True)
        compiled += [path.read_bytes() for path in tmp_path.rglob("module.*.pyc")]
    assert compiled[0] == compiled[1]


def test_the_report_has_the_seconds_of_each_part(built: Built) -> None:
    report = built.report
    assert min(report.fetch, report.link, report.upload, report.pip, report.compile) > 0


def test_the_lock_says_where_the_projects_wheel_is(built: Built) -> None:
    hat = next(package for package in built.lock.packages if package.name == "hat")
    assert (hat.kind, hat.url) == ("pip", "project:wheels/hat-3.0-py3-none-any.whl")
    assert all(len(package.sha256) == 64 for package in built.lock.packages)


def test_a_lock_is_the_same_after_years_in_a_file(built: Built) -> None:
    assert lock_from_json(lock_to_json(built.lock)) == built.lock


def test_building_again_finds_it(built: Built) -> None:
    before = built.prefix.stat().st_ino
    assert built.workshop.build(built.lock, {}).compile == 0
    assert built.prefix.stat().st_ino == before


def test_the_same_lock_gives_the_same_tree(built: Built, tmp_path: Path) -> None:
    """Built again at the same path, with an empty cache, another umask and another hash seed."""
    place = built.workshop.place
    first = tree_of(built.prefix)
    built.workshop.cache.rename(tmp_path / "cache")
    place.remove(built.lock.hash)
    assert not place.is_complete(built.lock.hash)
    before = os.umask(0o077)
    try:
        built.workshop.build(built.lock, dict(built.read.spec.wheels))
    finally:
        os.umask(before)
    second = tree_of(built.prefix)
    assert {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)} == set()
    assert len(first) > 1000


def test_the_same_ask_has_the_same_digest_whatever_the_password(built: Built) -> None:
    platform, sources = built.lock.platform, built.workshop.sources
    assert request_digest(built.read.spec, platform, sources) == request_digest(
        built.read.spec, platform, type(sources)(credentials={})
    )
