"""Finds the line of a file that an entry stands in."""

from collections.abc import Iterable


def line_of(entry: str, text: str, start: int = 1) -> int | None:
    """Return the number of the first line, from `start`, that is this entry of a list; else one that contains it."""
    wanted = entry.strip()
    lines = list(enumerate(text.splitlines(), 1))[start - 1 :]
    for number, line in lines:
        if _bare(line) == wanted:
            return number
    for number, line in lines:
        if wanted and wanted in line:
            return number
    return None


def lines_of(entries: Iterable[tuple[str, str]], text: str) -> dict[str, int]:
    """Return the line of each entry, by the second of each pair; the first is how it stands in the file."""
    found: dict[str, int] = {}
    for original, entry in entries:
        number = line_of(original, text)
        if number is not None:
            found.setdefault(entry, number)
    return found


def _bare(line: str) -> str:
    item = line.strip().removeprefix("- ").strip()
    if item[:1] in ("'", '"') and item[0] in item[1:]:
        return item[1 : item.index(item[0], 1)]
    return item.split(" #", 1)[0].strip()
