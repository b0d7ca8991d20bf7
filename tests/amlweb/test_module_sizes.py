"""Modules stay small enough to be read at once."""

import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("amlweb", "projects", "computes", "runs")
LONGEST_LINES = 300
LONG_LINES = 160
MEDIAN_LINES = 60


def lines_of_modules() -> dict[str, int]:
    """Return the number of lines of every module of the rooms, without migrations, samples and empty files."""
    modules = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    kept = [path for path in modules if not {"migrations", "samples"} & set(path.relative_to(ROOT).parts)]
    sizes = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in kept}
    return {name: lines for name, lines in sizes.items() if lines}


def test_no_module_is_too_long_to_be_read_at_once() -> None:
    assert {name: lines for name, lines in lines_of_modules().items() if lines > LONGEST_LINES} == {}


def test_nine_in_ten_modules_are_short() -> None:
    sizes = sorted(lines_of_modules().values())
    assert sizes[len(sizes) * 9 // 10] <= LONG_LINES


def test_half_of_the_modules_fit_on_a_screen() -> None:
    assert statistics.median(lines_of_modules().values()) <= MEDIAN_LINES


@pytest.mark.parametrize("vague", ["utils", "helpers", "common", "services", "misc"])
def test_no_module_has_a_name_that_says_nothing(vague: str) -> None:
    assert [name for name in lines_of_modules() if Path(name).stem == vague] == []
