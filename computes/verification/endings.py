"""Verifying how runs end that do not end well by themselves: an exit code, a cancel, a time limit."""

from collections.abc import Callable

from computes.contract import Condition, ExecutionRequest, StopState
from computes.errors import StartRefused
from computes.verification.applications import application, expected_of_application
from computes.verification.jobs import GRACE_SECONDS, TinyJobs
from computes.verification.steps import NotAsExpected, Steps
from computes.verification.words import words_of

CODE = 7
TIME_LIMIT_SECONDS = 3.0
Deed = Callable[[TinyJobs, ExecutionRequest], str]


def verify_exit_code(jobs: TinyJobs, steps: Steps, after: bool) -> None:
    """Exit code 7 arrives as 7."""
    request = jobs.request("exit", str(CODE))

    def deed() -> str:
        jobs.start(request)
        return ended(jobs, request, CODE, "")

    steps.attempt("Exit code 7", "code 7, ended by itself", deed, lambda: jobs.logs_of(request.address), after)


def verify_cancel(jobs: TinyJobs, steps: Steps, after: bool) -> None:
    """The log of a running job is live, its application is seen, it can be cancelled and removed."""
    request = jobs.request("wait")

    def attempt(name: str, expected: str, deed: Deed, after: bool) -> bool:
        return steps.attempt(name, expected, lambda: deed(jobs, request), lambda: jobs.logs_of(request.address), after)

    started = attempt("Start of a long job", "the program is spawned", TinyJobs.start, after)
    live = attempt("Live log", "a line while the job is alive", live_line, started)
    if expected := expected_of_application(jobs.settings):
        attempt("Application", expected, application, live)
    canceled = attempt("Cancel", "ended by cancel", cancel, started)
    attempt("Second cancel", "says that it has ended", cancel_again, canceled)
    removed = attempt("Clean-up", "no trace of the run", clean_up, canceled)
    attempt("Late start", "refused by a tombstone", start_late, removed)


def verify_time_limit(jobs: TinyJobs, steps: Steps, after: bool) -> None:
    """A job that goes on for longer than it may is ended on the target."""
    request = jobs.request("wait", time_limit_seconds=TIME_LIMIT_SECONDS)

    def deed() -> str:
        jobs.start(request)
        return ended(jobs, request, None, "time_limit")

    expected = f"ended by time_limit after {TIME_LIMIT_SECONDS:g} s"
    steps.attempt("Time limit", expected, deed, lambda: jobs.logs_of(request.address), after)


def ended(jobs: TinyJobs, request: ExecutionRequest, code: int | None, by: str) -> str:
    """Return how a run ended, when it did so as it should."""
    status = jobs.poll_until(request.address, "end", Condition.EXITED, Condition.LOST)
    record = status.exit
    if record is None or record.ended_by != by or (code is not None and record.code != code):
        raise NotAsExpected(words_of(status))
    did = "; ".join(f"{text} at {seconds:.1f} s" for text, seconds in record.steps)
    return f"code {record.code}, ended by {by or 'itself'} after {record.duration_seconds:.1f} s. {did}".strip()


def live_line(jobs: TinyJobs, request: ExecutionRequest) -> str:
    """The line that the job prints last is there while it is alive."""
    jobs.wait_for_line(request.address, "verification: ready\n")
    return words_of(jobs.poll_until(request.address, "sign of life", Condition.ALIVE))


def cancel(jobs: TinyJobs, request: ExecutionRequest) -> str:
    """The run ends because we asked."""
    jobs.executor.stop(request.address, GRACE_SECONDS)
    return ended(jobs, request, None, "cancel")


def cancel_again(jobs: TinyJobs, request: ExecutionRequest) -> str:
    """A second cancel finds nothing to do."""
    receipt = jobs.executor.stop(request.address, GRACE_SECONDS)
    if receipt.state is not StopState.GONE:
        raise NotAsExpected(receipt.text)
    return receipt.text


def clean_up(jobs: TinyJobs, request: ExecutionRequest) -> str:
    """Nothing of the run is left."""
    jobs.executor.clean_up(request.address)
    status = jobs.executor.poll(request.address)
    if status.condition is not Condition.ABSENT:
        raise NotAsExpected(words_of(status))
    jobs.executor.clean_up(request.address)
    return "absent, also after a second clean-up"


def start_late(jobs: TinyJobs, request: ExecutionRequest) -> str:
    """A start that comes too late starts nothing."""
    try:
        jobs.executor.start(request)
    except StartRefused as error:
        return error.text
    raise NotAsExpected("It was started again.")
