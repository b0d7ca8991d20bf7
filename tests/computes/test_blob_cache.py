"""The cache of contents in a work folder: what it copies, and when it says anew that a content is wanted."""

import os
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from computes.supervisor.blobs import MARKER, TOUCHED_SECONDS, BlobCache, Damaged, exact_modes
from computes.supervisor.sweeping import SPARED_SECONDS, sweep

CONTENT = b"content\n" * 10_000
DIGEST = sha256(CONTENT).hexdigest()
SIZES = {DIGEST: len(CONTENT)}


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[BlobCache]:
    """Return a cache that holds one content."""
    cache = BlobCache(str(tmp_path / "blobs"))
    incoming = cache.begin(DIGEST, len(CONTENT))
    incoming.add(CONTENT)
    incoming.keep()
    yield cache
    cache.close()


def age(cache: BlobCache, seconds: float) -> float:
    """Let the content have been touched so long ago; return the moment."""
    moment = int(time.time() - seconds)
    os.utime(cache.path_of(DIGEST), (moment, moment))
    return moment


def touched_at(cache: BlobCache) -> float:
    return Path(cache.path_of(DIGEST)).stat().st_mtime


def test_what_was_touched_lately_is_left_as_it_is(cache: BlobCache) -> None:
    moment = age(cache, TOUCHED_SECONDS - 300)
    assert cache.missing(SIZES) == []
    assert touched_at(cache) == moment


def test_what_was_touched_long_ago_is_touched(cache: BlobCache) -> None:
    moment = age(cache, TOUCHED_SECONDS + 60)
    assert cache.missing(SIZES) == []
    assert touched_at(cache) > moment


def test_a_sweep_spares_a_content_that_was_wanted_a_day_ago_and_not_touched_then(tmp_path: Path) -> None:
    (tmp_path / MARKER).touch()
    cache = BlobCache(str(tmp_path / "blobs"))
    incoming = cache.begin(DIGEST, len(CONTENT))
    incoming.add(CONTENT)
    incoming.keep()
    cache.close()
    age(cache, SPARED_SECONDS + TOUCHED_SECONDS - 300)
    assert sweep(str(tmp_path), 0)["files"] == 0
    age(cache, SPARED_SECONDS + TOUCHED_SECONDS + 60)
    assert sweep(str(tmp_path), 0)["files"] == 1


@pytest.mark.parametrize("mode", [0o644, 0o755, 0o600])
def test_a_copy_has_its_mode_whatever_the_umask(cache: BlobCache, tmp_path: Path, mode: int) -> None:
    before = os.umask(0o077)
    try:
        with exact_modes():
            cache.copy(DIGEST, len(CONTENT), str(tmp_path / "copy"), mode)
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(before)
    assert (tmp_path / "copy").stat().st_mode & 0o7777 == mode
    assert (tmp_path / "copy").read_bytes() == CONTENT


def test_a_copy_may_be_written_to_and_the_content_stays(cache: BlobCache, tmp_path: Path) -> None:
    cache.copy(DIGEST, len(CONTENT), str(tmp_path / "copy"), 0o644)
    (tmp_path / "copy").write_bytes(b"other")
    assert Path(cache.path_of(DIGEST)).read_bytes() == CONTENT


def test_a_copy_to_another_kind_of_disk_is_the_same(cache: BlobCache) -> None:
    place = Path("/dev/shm") / f"amlweb-copy-{os.getpid()}"
    try:
        cache.copy(DIGEST, len(CONTENT), str(place), 0o644)
        assert place.read_bytes() == CONTENT
    finally:
        place.unlink(missing_ok=True)


def test_a_content_that_is_shorter_than_it_says_is_damaged(cache: BlobCache, tmp_path: Path) -> None:
    with pytest.raises(Damaged):
        cache.copy(DIGEST, len(CONTENT) + 1, str(tmp_path / "copy"), 0o644)
