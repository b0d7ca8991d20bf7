"""How much of a target's slots is in use."""

from dataclasses import dataclass

MOST_BLOCKS = 16


@dataclass(frozen=True, slots=True)
class SlotUse:
    """Filled slots of all slots. More can be filled than there are: an administrator may have taken some away."""

    used: int
    total: int

    @property
    def free(self) -> int:
        """Return how many runs could start now."""
        return max(self.total - self.used, 0)

    @property
    def blocks(self) -> list[bool]:
        """Return one truth for each slot, filled ones first; none when there are too many to draw."""
        return [number < self.used for number in range(self.total)] if self.total <= MOST_BLOCKS else []
