"""What to do where a script misses a module: the commonest end of a run that worked elsewhere."""

import re
from dataclasses import replace

from runs.lifecycle.outcome import Outcome
from runs.status import FailureReason

MISSING = re.compile(r"ModuleNotFoundError: No module named '([\w.]+)'")
PREPARED = "Neither the project's code nor its environment has it: add its package to what the project asks for."
FOUND_THERE = (
    "Neither the project's code nor the Python of the target has it: install its package there, or choose a target "
    "that prepares the packages which the project asks for."
)


def outcome_with_advice(outcome: Outcome, is_prepared: bool) -> Outcome:
    """Return the outcome of a script that misses a module with the way to it; any other as it is.

    `is_prepared`: whether the run had an environment that was made for its project.
    """
    if outcome.reason != FailureReason.SCRIPT_FAILED or not MISSING.fullmatch(outcome.detail):
        return outcome
    return replace(outcome, detail=f"{outcome.detail}. {PREPARED if is_prepared else FOUND_THERE}")
