"""Windows of numbered lines open at once, wherever they are in a log."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runs import line_index, log_file
from runs.line_index import LineIndex
from runs.log_file import LogFile


@pytest.fixture(autouse=True)
def small_stride(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the index work on small logs."""
    monkeypatch.setattr(line_index, "STRIDE_BYTES", 64)


def window_lines(path: Path, first: int | None, count: int) -> tuple[int, list[str], int]:
    window = LogFile(path).window(first, count)
    return window.first_line, window.lines, window.total_lines


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.integers(min_value=0, max_value=150), max_size=40),
    st.booleans(),
    st.integers(min_value=1, max_value=60),
    st.integers(min_value=1, max_value=10),
)
def test_a_window_is_a_slice_of_all_lines(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], ends_open: bool, first: int, count: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    lines = [f"{number}:" + "x" * length for number, length in enumerate(lengths)]
    text = "\n".join(lines) + ("" if ends_open or not lines else "\n")
    path.write_text(text)
    found_first, found, total = window_lines(path, first, count)
    assert total == len(lines)
    begin = min(first, max(len(lines), 1))
    assert found_first == begin
    assert found == lines[begin - 1 : begin - 1 + count]


def test_the_last_window_grows_with_the_log(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("".join(f"line {n}\n" for n in range(100)))
    assert window_lines(path, None, 3) == (98, ["line 97", "line 98", "line 99"], 100)
    with path.open("a") as file:
        file.write("line 100")
    assert window_lines(path, None, 2) == (100, ["line 99", "line 100"], 101)
    window = LogFile(path).window(None, 2)
    assert window.end_byte == path.stat().st_size
    assert path.read_bytes()[window.start_byte :] == b"line 99\nline 100"


def test_an_index_of_a_longer_log_is_thrown_away(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("a\n" * 1000)
    assert LogFile(path).window(1, 1).total_lines == 1000
    path.write_text("b\n" * 3)
    assert window_lines(path, 1, 10) == (1, ["b", "b", "b"], 3)


def test_a_log_that_is_cut_while_it_is_read_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log"
    path.write_text("line\n" * 100)
    count_lines = log_file.count_lines

    def count_and_cut(descriptor: int, index: LineIndex, size: int) -> int:
        total = count_lines(descriptor, index, size)
        os.truncate(path, 0)
        return total

    monkeypatch.setattr(log_file, "count_lines", count_and_cut)
    assert window_lines(path, None, 3)[1] == []


def test_a_log_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    window = LogFile(tmp_path / "log").window()
    assert (window.lines, window.total_lines, window.end_byte) == ([], 0, 0)


def test_very_long_lines_end_a_window_early(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"y" * 3_000_000 + b"\nend\n")
    window = LogFile(path).window(1, 10)
    assert window.is_cut
    assert len(window.lines) == 1
    assert window.total_lines == 2


def test_a_log_can_be_read_where_no_index_can_be_kept(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("line\n" * 100)
    LineIndex(log).file.mkdir()
    assert window_lines(log, 99, 5) == (99, ["line", "line"], 100)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["log"]
