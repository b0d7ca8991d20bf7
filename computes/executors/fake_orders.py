"""What a FakeExecutor is told to do, kept in the target's work folder so that every process sees it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from computes.cluster_contract import ApplicationFacts


@dataclass(frozen=True, slots=True)
class Orders:
    """How a fake run goes. Without orders it ends well at the first poll and has its arguments as its log.

    `start_error` names a class of computes.errors; `gone` are hashes of environments that are not there any more.
    `polls` is how often a poll finds the run alive before it ends; None means until it is stopped. `log` None means the
    arguments, one a line. `application` is what a cluster says (`computes.cluster_contract.ApplicationFacts`).
    """

    start_error: str = ""
    gone: tuple[str, ...] = ()
    unreachable: str = ""
    lost: str = ""
    polls: int | None = 0
    code: int | None = 0
    signal: int | None = None
    ended_by: str = ""
    out_of_memory: bool = False
    ignores_stop: bool = False
    log: str | None = None
    metrics: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    application: Mapping[str, Any] | None = None

    @property
    def application_facts(self) -> ApplicationFacts | None:
        """Return what the cluster says as polls give it."""
        return ApplicationFacts(**self.application) if self.application is not None else None


def give_orders(work_folder: Path, orders: Orders, run_id: str = "every") -> None:
    """Tell the fake executor of a work folder what one run, or every run without orders of its own, has to do."""
    path = orders_path(work_folder, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(asdict(orders)))
    temporary.replace(path)


def orders_for(work_folder: Path, run_id: str) -> Orders:
    """Return the orders that are in force for a run now."""
    for name in (run_id, "every"):
        try:
            return Orders(**json.loads(orders_path(work_folder, name).read_text()))
        except FileNotFoundError:
            continue
    return Orders()


def orders_path(work_folder: Path, name: str) -> Path:
    return work_folder / "orders" / f"{name}.json"
