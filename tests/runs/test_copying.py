"""Copies are made by offset: resumed, repeated or begun anew, they hold the source's bytes once."""

import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from computes.contract import RunAddress, Stream, TargetSettings
from computes.errors import TargetUnreachable
from runs.copying import StreamCopy, read_state, sidecar_of
from runs.log_file import LogFile
from runs.masking import Masker

ADDRESS = RunAddress("a" * 12, "b" * 32, TargetSettings("local", "local", "/nowhere"))


class FileSource:
    """The reading half of an executor, over one file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, address: RunAddress, stream: Stream, offset: int, limit: int) -> bytes:
        return self.path.read_bytes()[offset : offset + limit]


class ShortBreath(FileSource):
    """A way that breaks off whenever more than some bytes are asked for at once."""

    longest = 100_000

    def read(self, address: RunAddress, stream: Stream, offset: int, limit: int) -> bytes:
        if limit > self.longest:
            raise TargetUnreachable("The connection broke off.", "It is tried again.")
        return super().read(address, stream, offset, limit)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"")
    return path


def copy_of(source: Path, *secrets: str) -> StreamCopy:
    into = source.parent / "copy" / "log"
    return StreamCopy(FileSource(source), ADDRESS, Stream.LOG, into, Masker(secrets))  # type: ignore[arg-type]


def test_two_copiers_at_once_double_nothing(source: Path) -> None:
    source.write_bytes(b"one\ntwo\n")
    frozen, fresh = copy_of(source), copy_of(source)
    fresh.advance(8, is_final=False)
    source.write_bytes(b"one\ntwo\nthree\n")
    fresh.advance(14, is_final=False)
    frozen.advance(14, is_final=False)
    assert fresh.into.read_bytes() == source.read_bytes()
    assert frozen.state == fresh.state


def test_a_copy_whose_sidecar_is_behind_is_repeated_in_place(source: Path) -> None:
    source.write_bytes(b"0123456789")
    copy = copy_of(source)
    copy.advance(4, is_final=False)
    kept = sidecar_of(copy.into).read_text()
    copy.advance(10, is_final=False)
    sidecar_of(copy.into).write_text(kept)
    again = copy_of(source)
    assert again.state.offset == 4 or again.state.offset == 10
    again.advance(10, is_final=True)
    assert again.into.read_bytes() == b"0123456789"
    assert again.state.crc32 == zlib.crc32(b"0123456789")


@pytest.mark.parametrize("broken", ["", "{", '{"offset": "x"}', "[]"])
def test_a_broken_sidecar_means_from_the_beginning(source: Path, broken: str) -> None:
    source.write_bytes(b"abc")
    copy = copy_of(source)
    copy.advance(3, is_final=False)
    sidecar_of(copy.into).write_text(broken)
    assert read_state(copy.into).offset == 0
    again = copy_of(source)
    again.advance(3, is_final=True)
    assert again.into.read_bytes() == b"abc"


def test_a_half_secret_waits_for_the_rest(source: Path) -> None:
    source.write_bytes(b"key=tuli")
    copy = copy_of(source, "tulip-field")
    copy.advance(8, is_final=False)
    assert copy.into.read_bytes() == b"key="
    source.write_bytes(b"key=tulip-field!")
    copy.advance(16, is_final=False)
    assert copy.into.read_bytes() == b"key=***********!"
    assert copy.state.crc32 == zlib.crc32(source.read_bytes())


def test_a_secret_that_repeats_itself_is_masked_across_borders(source: Path) -> None:
    source.write_bytes(b"key=abcabc")
    copy = copy_of(source, "abcabc")
    copy.advance(10, is_final=False)
    source.write_bytes(b"key=abcabc!")
    copy.advance(11, is_final=True)
    assert copy.into.read_bytes() == b"key=******!"
    assert copy.state.crc32 == zlib.crc32(source.read_bytes())


def test_what_only_looks_like_a_secret_is_written_at_the_end(source: Path) -> None:
    source.write_bytes(b"key=tuli")
    copy = copy_of(source, "tulip-field")
    copy.advance(8, is_final=True)
    assert copy.into.read_bytes() == b"key=tuli"


def test_what_was_copied_outlives_a_source_that_was_removed(source: Path) -> None:
    source.write_bytes(b"a first text")
    copy = copy_of(source)
    copy.advance(12, is_final=False)
    source.unlink()
    assert not copy.advance(0, is_final=True)
    assert copy.into.read_bytes() == b"a first text"


def test_a_source_that_shrank_is_copied_anew(source: Path) -> None:
    source.write_bytes(b"a long first text")
    copy = copy_of(source)
    assert not copy.advance(17, is_final=False)
    source.write_bytes(b"short")
    assert copy.advance(5, is_final=False)
    assert copy.into.read_bytes() == b"short"


def test_lines_of_a_copy_that_was_begun_anew_are_counted_anew(source: Path) -> None:
    source.write_bytes(b"short\n" * 100_000)
    copy = copy_of(source)
    copy.advance(600_000, is_final=False)
    assert LogFile(copy.into).window().total_lines == 100_000
    source.write_bytes(b"x" * 599 + b"\n")
    assert copy.advance(600, is_final=False)
    source.write_bytes((b"x" * 599 + b"\n") * 1_500)
    copy.advance(900_000, is_final=False)
    assert LogFile(copy.into).window().total_lines == 1_500


def test_over_a_way_that_breaks_off_often_a_copy_arrives_in_small_parts(source: Path) -> None:
    source.write_bytes(bytes(range(256)) * 4_000)
    copy = copy_of(source)
    copy.executor = ShortBreath(source)  # type: ignore[assignment]
    for _ in range(30):
        with suppress(TargetUnreachable):
            copy.advance(1_024_000, is_final=True)
        assert read_state(copy.into).offset == copy.state.offset  # what has arrived is known, whoever goes on
    assert copy.into.read_bytes() == source.read_bytes()
    assert copy.state.crc32 == zlib.crc32(source.read_bytes())
