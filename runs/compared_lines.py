"""The lines and sections of a comparison: one thing of all runs, and whether they differ in it."""

from dataclasses import dataclass

ABSENT = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of all runs, in the order of the runs. `best` are the places of the best values.

    `direction` says in words what best means; `is_comparable` is False where values are hidden.
    """

    name: str
    values: tuple[str, ...]
    best: frozenset[int] = frozenset()
    direction: str = ""

    @property
    def differs(self) -> bool:
        """Return whether not all runs have the same value."""
        return len(set(self.values)) > 1

    @property
    def cells(self) -> list[tuple[str, bool, bool]]:
        """Return for each run its value, whether it is another than the first run's, and whether it is the best."""
        return [(value, value != self.values[0], place in self.best) for place, value in enumerate(self.values)]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a comparison."""

    title: str
    lines: tuple[Line, ...]

    @property
    def differing(self) -> list[Line]:
        """Return the lines where the runs differ."""
        return [line for line in self.lines if line.differs]

    @property
    def identical(self) -> list[Line]:
        """Return the lines where all runs are the same."""
        return [line for line in self.lines if not line.differs]
