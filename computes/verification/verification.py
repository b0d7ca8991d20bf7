"""A whole verification: the check, three ways to end, the clean-up of all that was started."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from computes.contract import Executor, Framework, TargetSettings
from computes.host_access import is_on_the_way
from computes.verification.endings import verify_cancel, verify_exit_code, verify_time_limit
from computes.verification.interruption import interruptible, undisturbed
from computes.verification.jobs import TinyJobs
from computes.verification.steps import NotAsExpected, Outcome, Step, Steps
from computes.verification.whole_run import WholeRun

CHECK = "Check: "
WAY_TO_LIVY = ("Livy", "Work folder")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be verified. `environment_hash` names a prepared environment that the jobs run in."""

    settings: TargetSettings
    framework: Framework
    installation_id: str
    patience_seconds: float = 600.0
    environment_hash: str = ""


@dataclass
class Verified:
    """What was found. `facts` is what the tiny job told of the place where it ran."""

    steps: list[Step]
    facts: dict[str, Any] = field(default_factory=dict)
    is_interrupted: bool = False

    @property
    def holds(self) -> bool:
        """Return whether every step held, and none is missing."""
        return not self.is_interrupted and all(step.outcome is Outcome.HELD for step in self.steps)


def verify(executor: Executor, asked: Asked, tell: Callable[[Step], None]) -> Verified:
    """Do every step and tell it at once. Nothing is left on the target but tombstones, also after Ctrl-C, except where
    the last step says so."""
    steps = Steps(tell)
    found = Verified(steps.done)
    with tempfile.TemporaryDirectory(prefix="amlweb-verification-") as folder:
        jobs = TinyJobs(
            executor,
            asked.settings,
            asked.framework,
            asked.installation_id,
            Path(folder),
            asked.patience_seconds,
            asked.environment_hash,
        )
        whole = WholeRun(jobs, steps)
        try:
            with interruptible():
                do_steps(jobs, steps, whole)
        except KeyboardInterrupt:
            found.is_interrupted = True
        with undisturbed():
            if jobs.addresses:
                steps.attempt("Removal of the jobs", "nothing is left", lambda: remove_all(jobs))
    found.facts = whole.facts
    return found


def do_steps(jobs: TinyJobs, steps: Steps, whole: WholeRun) -> None:
    """Check the target, then run the jobs one after the other. Where there is no way to it, none is tried."""
    can_be_reached = check(jobs, steps)
    started = whole.verify(can_be_reached)
    verify_exit_code(jobs, steps, started)
    verify_cancel(jobs, steps, started)
    verify_time_limit(jobs, steps, started)


def check(jobs: TinyJobs, steps: Steps) -> bool:
    """Make the itemised check, each item a step of its own. Return whether the target can be reached."""
    is_reached = True

    def items() -> str:
        nonlocal is_reached
        count = 0
        for item in jobs.executor.check(jobs.settings):
            outcome = Outcome.HELD if item.ok else Outcome.FAILED
            steps.add(Step(CHECK + item.name, outcome, item.milliseconds, "right", item.detail, item.remedy))
            is_livy = jobs.settings.livy is not None
            is_reached &= item.ok or not (item.name in WAY_TO_LIVY if is_livy else is_on_the_way(item.name))
            count += 1
        return f"{count} items"

    return steps.attempt("Check", "to the last item", items) and is_reached


def remove_all(jobs: TinyJobs) -> str:
    """Stop and remove every job. Raises the last error when one stays, after all were tried."""
    names = [address.run_id for address in jobs.addresses]
    problems = []
    for address in list(jobs.addresses):
        try:
            jobs.remove(address)
        except Exception as error:  # noqa: BLE001 (the others must be removed all the same)
            problems.append(f"{address.installation_id}-{address.run_id}: {error}")
    if problems:
        raise NotAsExpected("; ".join(problems), "Remove these runs by Reclaim… on the target's page.")
    return f"{len(names)} runs"
