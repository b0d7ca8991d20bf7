"""How the tests wait: at once for what comes at once, and with few questions for what takes long."""

import pytest

from tests.stack.pace import pause_after
from tests.stack.system import wait_until


@pytest.mark.parametrize(("waited", "pause"), [(0.0, 0.005), (0.5, 0.05), (2.0, 0.2), (60.0, 0.25)])
def test_questions_become_rarer_and_never_rare(waited: float, pause: float) -> None:
    assert pause_after(waited) == pytest.approx(pause)
    assert pause_after(waited, longest=0.1) == pytest.approx(min(pause, 0.1))


def test_a_wait_that_is_in_vain_tells_the_last_answer() -> None:
    with pytest.raises(AssertionError, match=r"still not so after 0.2 s; the last answer was 0"):
        wait_until(lambda: 0, 0.2)
