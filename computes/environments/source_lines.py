"""Finds the lines of a file that its entries stand in, in time that does not grow with both."""

from bisect import bisect_right
from itertools import accumulate


class SourceLines:
    """The lines of one file. What is asked for in the order of the file is found at once."""

    def __init__(self, text: str) -> None:
        self.text = text
        lines = text.splitlines(keepends=True)
        self.starts = [0, *accumulate(map(len, lines))][: len(lines)]
        self.numbers: dict[str, int] = {}
        for number, line in enumerate(lines, 1):
            self.numbers.setdefault(_bare(line), number)
        self.position = 0

    def line_of(self, entry: str) -> int | None:
        """Return the number of the first line that is this entry of a list; else of one that contains it, looked for
        from where the last one was found."""
        wanted = entry.strip()
        if not wanted or wanted in self.numbers:
            return self.numbers.get(wanted) if wanted else None
        found = self.text.find(wanted, self.position)
        found = found if found >= 0 else self.text.find(wanted)
        if found < 0:
            return None
        self.position = found
        return bisect_right(self.starts, found)


def _bare(line: str) -> str:
    item = line.strip().removeprefix("- ").strip()
    if item[:1] in ("'", '"') and item[0] in item[1:]:
        return item[1 : item.index(item[0], 1)]
    return item.split(" #", 1)[0].strip()
