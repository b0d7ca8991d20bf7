"""What the deeds on one run work with: Livy, the shared storage, and what was seen of the run so far."""

import time
from dataclasses import dataclass, field

from computes.contract import ApplicationFacts, LivySettings, RunAddress, TargetSettings
from computes.errors import StartFailed
from computes.executors.livy.batch import Batch
from computes.executors.livy.client import LivyClient
from computes.executors.livy.submission import batch_name
from computes.shared_storage.parts import PartsIndex
from computes.shared_storage.shared_run import SharedRun
from computes.spark_driver.layout import BATCH


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take before they count as evidence.

    `rest_seconds`: after Livy says that a batch has ended, its driver's record may still be on its way. A driver that
    gave no sign for `silence_seconds` counts as gone if Livy does not know it to be running. `forgotten_seconds`: a
    batch that Livy has forgotten may still begin. `margin_seconds`: over the grace of a stop, before Livy is to kill.
    `glance_seconds`: between looks for new parts.
    """

    rest_seconds: float = 15.0
    silence_seconds: float = 60.0
    forgotten_seconds: float = 120.0
    margin_seconds: float = 15.0
    glance_seconds: float = 0.5


@dataclass
class Seen:
    """What this process has seen of a run, by its own clock: since when a thing is as it is. Forgetting it costs time,
    no truth."""

    parts: PartsIndex
    told: ApplicationFacts | None = None
    since: dict[str, tuple[object, float]] = field(default_factory=dict)

    def seconds(self, what: str, value: object) -> float:
        """Return for how long something has been as it is now."""
        now = time.monotonic()
        before = self.since.get(what)
        if before is None or before[0] != value:
            self.since[what] = (value, now)
            return 0.0
        return now - before[1]

    def is_due(self, what: str, seconds: float) -> bool:
        """Whether something was not done for so long; it then counts as done now."""
        now = time.monotonic()
        before = self.since.get(what)
        if before is not None and now - before[1] < seconds:
            return False
        self.since[what] = (None, now)
        return True


@dataclass(frozen=True, slots=True)
class RunBehindLivy:
    """One run."""

    shared: SharedRun
    livy: LivyClient
    seen: Seen
    patience: Patience

    def batch_number(self) -> int | None:
        """Return the number of the run's batch, None as long as none was noted."""
        record = self.shared.record(BATCH)
        number = record.get("id") if record else None
        return number if isinstance(number, int) and not isinstance(number, bool) else None

    def batch(self) -> Batch | None:
        """Return the run's batch; None where Livy knows none. Scripts can write over its number, so its name is held
        against it: with another's number, that one's log would be shown, and that one be killed."""
        name, number = batch_name(self.shared), self.batch_number()
        found = self.livy.batch(number) if number is not None else None
        return found if found is not None and found.name == name else self.livy.find(name)


def livy_settings(settings: TargetSettings) -> LivySettings:
    """Return how the cluster is reached. Raises StartFailed for a target that does not say."""
    if settings.livy is None or not settings.livy.url or not settings.livy.storage_uri:
        raise StartFailed(
            f"The target {settings.name} does not say where Livy is, or how drivers see the work folder.",
            "Let an administrator set Livy's address and the storage's URI.",
        )
    return settings.livy


def work_address(address: RunAddress) -> str:
    """Return what tells one run's traces from all others in this process."""
    return f"{address.settings.work_folder}\0{address.installation_id}\0{address.run_id}"
