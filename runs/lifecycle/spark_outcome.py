"""How a PySpark run ended, where Spark itself says more than the exit code: in the last part of its log."""

from computes.errors import sentences
from computes.executors.spark.failure_signs import sign_in
from runs.lifecycle.excerpt import TAIL_BYTES, Excerpt
from runs.lifecycle.outcome import Outcome
from runs.log_file import LogFile
from runs.status import FailureReason, State


def outcome_with_spark(outcome: Outcome, excerpt: Excerpt, log: LogFile) -> Outcome:
    """Return the outcome of a failed script in Spark's own words, where it has some; else the same.

    What kept Spark from coming to the script counts only where the script has left no traceback: then it has not begun.
    A cluster's word that nothing else can mean counts beside a traceback, which only repeats it.
    """
    is_read_from_log = outcome.reason == FailureReason.OUT_OF_MEMORY and outcome.detail == excerpt.error
    if outcome.reason != FailureReason.SCRIPT_FAILED and not is_read_from_log:
        return outcome
    sign = sign_in(log.read(max(log.size() - TAIL_BYTES, 0), TAIL_BYTES).decode("utf-8", "replace"))
    if sign is None or (excerpt.error and not (sign.is_memory or sign.is_certain)):
        return outcome
    reason = FailureReason.OUT_OF_MEMORY if sign.is_memory else FailureReason.PREPARATION_FAILED
    return Outcome(State.FAILED, reason, sentences(sign.text, sign.remedy))
