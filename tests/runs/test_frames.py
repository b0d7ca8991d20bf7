"""Frames carry whole characters, and together every byte once."""

import json
import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from runs.live.frames import frame_at, whole_characters


@given(st.text(), st.integers(min_value=0, max_value=400))
def test_a_cut_never_falls_inside_a_character(text: str, cut: int) -> None:
    data = text.encode("utf-8", "replace")[:cut]
    data[: whole_characters(data)].decode("utf-8")
    assert len(data) - whole_characters(data) <= 3


def test_broken_bytes_do_not_stop_the_log(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"good \xff\xfe bad \xc3")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        first = frame_at(descriptor, 0, 13, is_last=False)
        assert first is not None
        assert first.next == 12
        assert json.loads(first.message)["data"] == "good \ufffd\ufffd bad "
        assert frame_at(descriptor, 12, 13, is_last=False) is None
        last = frame_at(descriptor, 12, 13, is_last=True)
        assert last is not None
        assert last.next == 13
    finally:
        os.close(descriptor)
