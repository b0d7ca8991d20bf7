"""Who is judged, and when nobody can be."""

import pytest

from amlweb.supervising.watchdog import Watchdog
from amlweb.supervising.web_answers import parts_that_work


def watchdog_that_sees(*looks: set[str]) -> Watchdog:
    """Return a watchdog after so many looks, the last of them an hour after the others."""
    answers = list(looks)
    watchdog = Watchdog(lambda: answers.pop(0))
    for number in range(len(looks)):
        if number == len(looks) - 1:
            watchdog.began_at -= 3600
            watchdog.seen_at = {name: moment - 3600 for name, moment in watchdog.seen_at.items()}
        watchdog.look()
    return watchdog


def test_silence_is_counted_from_the_last_sign_of_life() -> None:
    watchdog = watchdog_that_sees({"database", "controller", "workers"}, {"database", "controller"})
    assert watchdog.silence_of("workers") == pytest.approx(3600, abs=10)
    assert watchdog.silence_of("controller") == pytest.approx(0, abs=10)


def test_a_part_that_never_worked_is_silent_since_the_start() -> None:
    assert watchdog_that_sees({"database", "controller"}).silence_of("workers") == pytest.approx(3600, abs=10)


def test_workers_are_not_judged_while_the_controller_is_silent() -> None:
    watchdog = watchdog_that_sees({"database", "controller", "workers"}, {"database"})
    assert watchdog.silence_of("workers") is None
    assert watchdog.silence_of("controller") == pytest.approx(3600, abs=10)


def test_nobody_is_judged_without_the_database_or_without_an_answer() -> None:
    watchdog = watchdog_that_sees({"database", "controller", "workers"}, set())
    assert watchdog.silence_of("workers") is None
    assert watchdog.silence_of("controller") is None


@pytest.mark.parametrize("answer", [None, b"", b"<html>", b"[]", b'{"parts": {"database": null}}', b'{"parts": 3}'])
def test_an_answer_that_says_nothing_names_no_part(answer: bytes | None) -> None:
    assert parts_that_work(answer) == set()


def test_the_parts_that_readyz_calls_alive_are_taken() -> None:
    answer = b'{"parts": {"database": {"ok": true}, "workers": {"ok": false}}}'
    assert parts_that_work(answer) == {"database"}
