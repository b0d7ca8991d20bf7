"""Trouble that is nobody's mistake has its own words."""

from django.db import OperationalError

from runs.api.problem_handlers import problem_of


def test_a_database_that_does_not_answer_asks_for_patience() -> None:
    problem = problem_of(OperationalError("database is locked"))
    assert (problem.status, problem.error) == (503, "database_busy")
    assert "locked" not in problem.detail
