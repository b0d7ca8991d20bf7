"""Looking at what of ours is in a storage that a cluster shares with us: folders of runs, and packed environments."""

import re
import time

from computes.errors import TargetError, TargetUnreachable
from computes.shared_storage.contract import SharedStorage
from computes.shared_storage.mark import is_marked
from computes.shared_storage.packed_environments import PackedEnvironments
from computes.spark_driver.layout import EXIT, VERDICT, latest_attempt
from computes.survey import FoundEnvironment, RunRemains, Survey

RUN_ID = re.compile(r"[0-9a-f]{32}")
MOST_LISTED = 2000
ASKING_SECONDS = 15.0


def survey_storage(storage: SharedStorage, installation_id: str) -> Survey:
    """Return what an installation has in a storage. Changes nothing. Where our mark is not there, nothing is said: its
    disk may not be mounted."""
    if not is_marked(storage, installation_id):
        return Survey()
    packs = PackedEnvironments(storage, installation_id).ours()
    return Survey(
        runs=tuple(remains_of_runs(storage, installation_id)),
        environments=tuple(FoundEnvironment(hash, facts.since) for hash, facts in sorted(packs.items())),
    )


def remains_of_runs(storage: SharedStorage, installation_id: str) -> list[RunRemains]:
    """Return the runs of an installation that have a folder. What they take and which may live is asked for a while;
    the rest is not measured, and counts as ended until somebody wants to remove it."""
    deadline = time.monotonic() + ASKING_SECONDS
    beginning = f"{installation_id}-"
    found = {
        name.removeprefix(beginning): facts.since
        for name, facts in sorted(storage.listing("runs").items())
        if facts.is_folder and name.startswith(beginning) and RUN_ID.fullmatch(name.removeprefix(beginning))
    }
    return [
        RunRemains(
            run_id,
            since,
            measured(storage, f"runs/{beginning}{run_id}", deadline),
            has_folder=True,
            is_alive=time.monotonic() < deadline and may_live(storage.names(f"runs/{beginning}{run_id}")),
        )
        for run_id, since in list(found.items())[:MOST_LISTED]
    ]


def measured(storage: SharedStorage, folder: str, deadline: float) -> int | None:
    """Return what a folder takes; None where that cannot be known, as of folders that are not ours to read. Raises
    TargetUnreachable."""
    try:
        return storage.size(folder, deadline)
    except TargetUnreachable:
        raise
    except TargetError:
        return None


def may_live(names: frozenset[str]) -> bool:
    """Whether a driver has begun and nobody has recorded an end. Livy is asked before anything is removed."""
    return bool(latest_attempt(names)) and not names & {EXIT, VERDICT}
