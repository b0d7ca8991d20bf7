"""How often tests ask for what they wait for."""

SHORTEST_SECONDS = 0.005


def pause_after(waited: float, longest: float = 0.25) -> float:
    """Return the seconds until the next question, after so many in vain: a tenth of them, within bounds.

    What comes at once is seen at once. What takes long is not held up by questions, each of which takes processor time
    of the test, of the server and of a target.
    """
    return min(max(waited / 10, SHORTEST_SECONDS), longest)
