"""The conda channel of the tests: packed once, and each test has a copy of its own."""

from pathlib import Path

from tests.stack.conda_channel import CondaChannel, make_conda_channel


def files_of(channel: CondaChannel) -> dict[str, bytes]:
    """Return the files of a channel and of the index beside it."""
    paths = [path for path in channel.folder.rglob("*") if path.is_file()]
    return {path.relative_to(channel.folder).as_posix(): path.read_bytes() for path in paths}


def test_what_is_done_to_one_channel_is_seen_in_no_other(tmp_path: Path) -> None:
    first = make_conda_channel(tmp_path / "first")
    before = files_of(first)
    assert {"conda/noarch/towel-1.0-py_0.conda", "pip/guide-4.2-py3-none-any.whl"} <= before.keys()
    for name in before:
        (first.folder / name).write_bytes(b"spoiled")
    second = make_conda_channel(tmp_path / "second")
    assert files_of(second) == before
    assert (second.folder / "conda-forge").resolve() == second.channel
