"""The cache of packages is cleaned by age and by size, and never while something is built."""

import os
import time
from pathlib import Path

import pytest

from computes.environments.package_cache import clean, in_use, note_use, usage_of

DAY = 86_400.0
LIMITLESS = 2**40


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Five packages of a mebibyte, the first used today and each other ten days earlier than the one before."""
    for number in range(5):
        package = tmp_path / "packages" / f"towel-{number}.0-0" / "lib"
        package.mkdir(parents=True)
        (package / "towel").write_bytes(os.urandom(2**20))
        unused_for(package.parent, number * 10)
    for name in ("link-old", "solver-old", "link-new", "repodata"):
        (tmp_path / name).mkdir()
        unused_for(tmp_path / name, 2 if name.endswith("old") else 0)
    return tmp_path


def unused_for(path: Path, days: float) -> None:
    at = time.time() - days * DAY
    os.utime(path, (at, at))


def names(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "packages").iterdir())


def test_what_was_not_used_for_long_goes_with_old_scratch(cache: Path) -> None:
    usage = clean(cache, 25 * DAY, LIMITLESS, 60)
    assert names(cache) == ["towel-0.0-0", "towel-1.0-0", "towel-2.0-0"]
    assert usage is not None
    assert (usage.packages, usage.removed) == (3, 2)
    assert 3 * 2**20 <= usage.bytes < 4 * 2**20
    assert 2 * 2**20 <= usage.removed_bytes < 3 * 2**20
    assert usage_of(cache) == usage
    assert {path.name for path in cache.iterdir() if path.is_dir()} == {"link-new", "packages", "repodata"}


def test_what_is_too_much_goes_unused_for_longest_first(cache: Path) -> None:
    note_use(cache / "packages", ["towel-4.0-0"])
    clean(cache, 1000 * DAY, int(2.5 * 2**20), 60)
    assert names(cache) == ["towel-0.0-0", "towel-4.0-0"]


def test_nothing_is_touched_while_something_is_built(cache: Path) -> None:
    with in_use(cache), in_use(cache):
        assert clean(cache, 0, 0, 60) is None
        assert len(names(cache)) == 5
    assert usage_of(cache) is None
    assert clean(cache, 0, 0, 60) is not None
    assert names(cache) == []


def test_what_there_was_no_time_for_goes_the_next_time(cache: Path) -> None:
    usage = clean(cache, 0, 0, -1)
    assert usage is not None
    assert (usage.packages, usage.removed) == (5, 0)


def test_an_empty_place_is_no_trouble(tmp_path: Path) -> None:
    usage = clean(tmp_path / "none", DAY, 0, 60)
    assert usage is not None
    assert usage.packages == 0
